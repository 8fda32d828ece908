/// Idle server connections of one reactor, by what they were made for: the one that came back last goes out first.
///
/// Pure: time is handed in, connections are whatever the engine uses for them. Session pooling leases a connection for a
/// session's whole life; a pool mode that leases for less changes when `put` is called, not what happens here.
public struct ServerPool<Key: Hashable, Connection: AnyObject, Time: Comparable> {
    private struct Idle {
        let connection: Connection
        let expiry: Time
    }

    private var idle: [Key: [Idle]] = [:]
    /// How many connections may wait idle, over all keys.
    public let capacity: Int
    /// How many wait.
    public private(set) var count = 0

    /// An empty pool with room for `capacity` connections.
    public init(capacity: Int) { self.capacity = capacity }

    /// An idle connection made for `key`, the warmest there is; nil when one has to be opened.
    public mutating func take(_ key: Key) -> Connection? {
        guard var waiting = idle[key], let warmest = waiting.popLast() else { return nil }
        idle[key] = waiting.isEmpty ? nil : waiting
        count -= 1
        return warmest.connection
    }

    /// Keeps a connection until `expiry`. Answers false when there is no room: then close it.
    public mutating func put(_ key: Key, _ connection: Connection, expiry: Time) -> Bool {
        guard count < capacity else { return false }
        idle[key, default: []].append(Idle(connection: connection, expiry: expiry))
        count += 1
        return true
    }

    /// Takes out a connection that has ended by itself.
    public mutating func remove(_ key: Key, _ connection: Connection) {
        guard let waiting = idle[key] else { return }
        let left = waiting.filter { $0.connection !== connection }
        count -= waiting.count - left.count
        idle[key] = left.isEmpty ? nil : left
    }

    /// Takes out the connections whose time has come, to be closed.
    public mutating func expire(at now: Time) -> [Connection] {
        var expired: [Connection] = []
        for (key, waiting) in idle {
            let left = waiting.filter { $0.expiry > now }
            guard left.count < waiting.count else { continue }
            expired += waiting.filter { $0.expiry <= now }.map(\.connection)
            idle[key] = left.isEmpty ? nil : left
        }
        count -= expired.count
        return expired
    }

    /// Takes out all, to be closed.
    public mutating func drain() -> [Connection] {
        let all = idle.values.flatMap { $0.map(\.connection) }
        idle = [:]
        count = 0
        return all
    }
}
