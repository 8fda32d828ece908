internal import CSystem
internal import Glibc

/// When the kernel gives up a connection whose other side says nothing.
public struct Keepalive: Sendable, Hashable {
    /// How long a connection must be silent before the first probe.
    public let idle: Duration
    /// The time between probes.
    public let interval: Duration
    /// How many unanswered probes end the connection.
    public let count: Int

    /// The three settings of tcp(7), `TCP_KEEPIDLE`, `TCP_KEEPINTVL` and `TCP_KEEPCNT`.
    public init(idle: Duration, interval: Duration, count: Int) {
        self.idle = idle
        self.interval = interval
        self.count = count
    }
}

/// Options of TCP sockets. On a Unix socket they do nothing: setting one is not an error anywhere in the gateway.
extension Socket {
    /// Sends small segments at once: a proxy forwards whole messages, and waiting for more to come only adds delay.
    public static func setNoDelay(_ descriptor: Int32) {
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    /// Has the kernel probe a silent peer, in whole seconds.
    public static func setKeepalive(_ descriptor: Int32, _ keepalive: Keepalive) {
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, seconds(keepalive.idle))
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, seconds(keepalive.interval))
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, Int32(clamping: keepalive.count))
    }

    /// How long sent data may stay unacknowledged before the connection fails (TCP_USER_TIMEOUT). Without it a peer whose
    /// machine is gone is noticed after some fifteen minutes.
    public static func setUserTimeout(_ descriptor: Int32, _ timeout: Duration) {
        let milliseconds = timeout.clampedNanoseconds / 1_000_000
        set(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: max(1, milliseconds)))
    }

    /// Answers whether the kernel took it.
    @discardableResult
    static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) -> Bool {
        unsafe withUnsafeBytes(of: value) { bytes in
            unsafe setsockopt(descriptor, level, option, bytes.baseAddress, socklen_t(bytes.count)) == 0
        }
    }

    /// The kernel counts these in whole seconds and refuses 0.
    private static func seconds(_ duration: Duration) -> Int32 {
        Int32(clamping: max(1, duration.components.seconds))
    }
}
