/// One reactor's part of a pool: which of its server connections go to whom, when one is opened, closed, or handed over
/// to another reactor.
///
/// A state machine without clock or sockets: the engine reports what happened and does what the answers say. Server
/// connections and waiting clients are numbers here; the engine knows what they stand for.
///
/// A client gets, in this order: a free connection, the one that came back last; one whose session is silent, once it has
/// been settled, for a warm backend is worth more than a message; one that another reactor has no use for; a new one, if
/// size and reserve allow; else it waits, first come, first served.
public struct ServerPool {
    enum State: Hashable {
        /// Connecting or logging in.
        case opening
        /// A client's, or being prepared for one.
        case leased
        case free
        /// A silent client's, who may use it again at any moment.
        case revocable
        /// What its session left is being taken off it.
        case settling
        /// On its way to another reactor.
        case leaving
    }

    struct Server {
        var state: State
        let expiry: PoolTime
        var idleSince: PoolTime
        /// Whom it goes to once it is settled.
        var promise: PoolPromise?
        /// It is to be closed because nobody needs it, and counted as such.
        var isRetired = false
    }

    struct Waiter {
        let since: PoolTime
    }

    /// What the engine does with a server connection that it has given back.
    public enum Fate: Hashable, Sendable {
        /// Nothing: it is free.
        case rest
        /// Prepare it for this client, who waits no more.
        case serve(PoolWaiter)
        /// Hand it over: `departed`, or `stay` where that cannot be.
        case handOver(PoolPromise)
        /// Close it, and report that.
        case close
    }

    let reactor: Int
    let share: PoolShare
    /// How large the pool may be, and its times.
    public let limits: PoolLimits
    /// The pool is going down: what is given back is closed.
    public var isClosing = false

    var servers = SlotTable<Server>()
    /// From the one that came back last to the one that has been idle longest.
    var free = SlotList()
    /// From the one that has been silent longest to the one that spoke last.
    var revocable = SlotList()
    var waiters = SlotTable<Waiter>()
    /// From the one that came first to the one that came last.
    var waiting = SlotList()

    /// Connections that are being opened or settled, and promised to nobody.
    var underway = 0
    var search = Search.none
    /// A wish is stated, and has been neither withdrawn nor answered.
    var isWishing = false
    /// Before that, nothing is opened: the upstream has had enough of us.
    var opensAgain = PoolTime(nanoseconds: .min)
    var keepsHouseAgain = PoolTime(nanoseconds: .min)

    /// A reactor's part without connections.
    public init(reactor: Int, share: PoolShare, limits: PoolLimits) {
        self.reactor = reactor
        self.share = share
        self.limits = limits
    }

    /// How many connections there are here, those that are being opened included.
    public var count: Int { servers.count }
    /// How many connections are free.
    public var freeCount: Int { free.count }
    /// How many clients wait.
    public var waitingCount: Int { waiting.count }
    /// Whether nothing is here and nothing will come.
    public var isUnused: Bool { servers.count == 0 && waiting.isEmpty && !isWishing && search == .none }

    /// The free connections, to be closed with the pool.
    public var freeServers: [PooledServer] { servers.slots(of: free).map { PooledServer(slot: $0) } }

    /// The client that waits longest: the next connection that is given back is probably its.
    public var eldestWaiter: PoolWaiter? { waiting.isEmpty ? nil : PoolWaiter(slot: waiting.first) }

    // MARK: Taking and giving

    /// A connection for a client, at once; nil when it has to wait.
    public mutating func take() -> PooledServer? { take(evenIfSomebodyWaits: false) }

    @inline(__always)
    mutating func take(evenIfSomebodyWaits: Bool) -> PooledServer? {
        let slot = free.first
        guard slot != SlotList.end, evenIfSomebodyWaits || waiting.isEmpty else { return nil }
        servers.unlink(slot, from: &free)
        servers[slot].state = .leased
        return PooledServer(slot: slot)
    }

    /// Nothing is on this connection that anybody might miss or meet, and no client has it.
    public mutating func give(_ server: PooledServer, at now: PoolTime) -> Fate {
        let slot = server.slot
        precondition(servers.contains(slot), "a connection that is given back is the pool's")
        leaveState(of: slot)
        guard !isClosing, servers[slot].expiry > now else { return .close }
        if let promise = servers[slot].promise {
            servers[slot].state = .leaving
            return .handOver(promise)
        }
        if !waiting.isEmpty || share.isAnyoneWishing, let fate = bestUse(of: slot) { return fate }
        guard limits.reserve == 0 || share.total <= limits.size else { return .close }
        servers[slot].state = .free
        servers[slot].idleSince = now
        servers.prepend(slot, to: &free)
        return .rest
    }

    private mutating func bestUse(of slot: Int) -> Fate? {
        let foreign = share.eldestWish(besides: reactor)
        if let foreign, mayHaveOurs(foreign.since), share.claim(of: foreign.reactor) {
            let promise = PoolPromise(reactor: foreign.reactor, isAnswer: false)
            servers[slot].state = .leaving
            servers[slot].promise = promise
            return .handOver(promise)
        }
        guard let waiter = eldestWaiter else { return nil }
        leave(waiter)
        return .serve(waiter)
    }

    /// Whether somebody who has waited since then comes before all of this reactor's own.
    func mayHaveOurs(_ since: PoolTime) -> Bool {
        guard !waiting.isEmpty else { return true }
        return since + limits.precedence < waiters[waiting.first].since
    }

    /// Takes a connection out of the list or the count that its state puts it in; it is `leased` then.
    mutating func leaveState(of slot: Int) {
        switch servers[slot].state {
        case .free: servers.unlink(slot, from: &free)
        case .revocable: servers.unlink(slot, from: &revocable)
        case .opening, .settling: if servers[slot].promise == nil { underway -= 1 }
        case .leased, .leaving: break
        }
        servers[slot].state = .leased
    }

    // MARK: Revocable connections

    /// A connection's session is silent, but has left on it what nobody else may meet. Answers whether somebody waits for
    /// it: then ask for `nextStep`.
    public mutating func becameRevocable(_ server: PooledServer, at now: PoolTime) -> Bool {
        servers[server.slot].state = .revocable
        servers[server.slot].idleSince = now
        servers.append(server.slot, to: &revocable)
        return waiting.count > underway || share.isAnyoneWishing
    }

    /// The session speaks again, or ends.
    public mutating func resume(_ server: PooledServer) {
        precondition(servers[server.slot].state == .revocable, "only a revocable connection is resumed")
        leaveState(of: server.slot)
    }

    /// A connection that was to be settled can only be used by its session, whose it is again. Answers to whom it had been
    /// promised: that reactor is told `declined`.
    public mutating func pinned(_ server: PooledServer) -> PoolPromise? {
        leaveState(of: server.slot)
        return servers[server.slot].promise.take()
    }

    // MARK: Ends

    /// A connection has been closed. Answers whom to tell.
    public mutating func closed(_ server: PooledServer) -> Farewell {
        let slot = server.slot
        leaveState(of: slot)
        let (promise, isRetired) = (servers[slot].promise, servers[slot].isRetired)
        servers.remove(slot)
        return Farewell(mayOpen: share.close(by: reactor, isRetired: isRetired), isMissing: promise)
    }
}

/// A server connection, as its pool knows it.
public struct PooledServer: Hashable, Sendable {
    /// Its number: small, and another connection's once this one has been closed or handed over.
    public let slot: Int
}

/// A client that waits for a server connection.
public struct PoolWaiter: Hashable, Sendable {
    /// Its number: small, and another client's once this one waits no more.
    public let slot: Int
}

/// A connection is on its way to another reactor, which counts on it.
public struct PoolPromise: Hashable, Sendable {
    /// The one that it goes to.
    public let reactor: Int
    /// Whether that reactor had asked this one, and counts answers.
    public let isAnswer: Bool
}

/// Which other reactors have to know that a connection has been closed.
public struct Farewell: Hashable, Sendable {
    /// May open a connection in its place: call `nextStep` there.
    public let mayOpen: Int?
    /// Had been promised it: call `declined` there.
    public let isMissing: PoolPromise?
}
