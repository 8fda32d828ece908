/// How large a pool may be and how long anything in it may take. A time of nil is no limit.
public struct PoolLimits: Sendable, Hashable {
    /// Server connections over all reactors.
    public var size: Int
    /// So many more once a client has waited `reserveAfter`.
    public var reserve = 0
    /// How long a client waits before the reserve is opened.
    public var reserveAfter = Duration.seconds(5)
    /// Server connections that are kept open, over all reactors, once the pool has been used.
    public var minimum = 0
    /// After this a server connection is closed when it is given back.
    public var lifetime: Duration? = .seconds(3600)
    /// After this a server connection that nobody needed is closed.
    public var idleTime: Duration? = .seconds(600)
    /// How long a client waits for a server connection.
    public var waitTime: Duration? = .seconds(120)
    /// How long a server connection may keep what its session left on it while that session is silent.
    public var settleAfter = Duration.seconds(1)
    /// How long nothing is opened once the upstream has had enough of us.
    public var pauseAfterRefusal = Duration.seconds(1)
    /// By how much a client of another reactor must have waited longer than all of one's own, before a server connection
    /// is handed over: less, and reactors that are all busy would do nothing but exchange connections.
    public var precedence = Duration.milliseconds(2)

    /// Limits with usual times.
    public init(size: Int) { self.size = size }
}
