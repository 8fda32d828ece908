import Logging
import Pooling
import PostgresWire
import Session

/// One reactor's part of a pool, with the sockets: does what the state machine says.
final class ReactorPool {
    let key: ServerRequest
    let share: PoolShare
    let host: SessionHost
    private let reactor: Reactor
    private var machine: ServerPool
    /// What the machine's numbers stand for.
    private var servers: [ServerConnection?] = []
    private var waiters: [ClientConnection?] = []
    /// How many sessions may ask for a connection.
    private var members = 0

    init(key: ServerRequest, share: PoolShare, limits: PoolLimits, host: SessionHost) {
        self.key = key
        self.share = share
        self.host = host
        reactor = host.reactor
        machine = ServerPool(reactor: reactor.index, share: share, limits: limits)
    }

    /// The reactor's clock as the pool reads it.
    private var now: PoolTime { PoolTime(nanoseconds: reactor.now.nanoseconds) }

    var isUnused: Bool { members == 0 && machine.isUnused }
    var freeCount: Int { machine.freeCount }

    func join() { members += 1 }
    func quit() { members -= 1 }

    // MARK: Clients

    /// A connection that is there at once.
    func take() -> ServerConnection? {
        guard let taken = machine.take() else { return nil }
        return servers[taken.slot]
    }

    /// Has `client` wait for a connection, which is prepared for it when its turn has come.
    func wait(_ client: ClientConnection) {
        note(machine.wait(at: now), client)
        client.waitsSince = reactor.now
        advance()
    }

    private func note(_ waiter: PoolWaiter, _ client: ClientConnection) {
        while waiters.count <= waiter.slot { waiters.append(nil) }
        waiters[waiter.slot] = client
        client.waiter = waiter
    }

    /// `client` waits no more.
    func leave(_ client: ClientConnection) {
        guard let waiter = client.waiter else { return }
        machine.leave(waiter)
        forget(waiter)
        advance()
    }

    @discardableResult
    private func forget(_ waiter: PoolWaiter) -> ClientConnection? {
        let client = waiters[waiter.slot]
        waiters[waiter.slot] = nil
        client?.waiter = nil
        return client
    }

    /// The connection that was prepared for `client` is not to be had: it waits again, before all others.
    func waitAgain(_ client: ClientConnection) {
        note(machine.waitAgain(since: PoolTime(nanoseconds: client.waitsSince.nanoseconds)), client)
        advance()
    }

    // MARK: Server connections

    /// Nothing is on `server` that anybody might miss or meet, and no client has it.
    func give(_ server: ServerConnection) {
        guard let pooled = server.pooled else { return }
        switch machine.give(pooled, at: now) {
        case .rest: break
        case .serve(let waiter): forget(waiter).map(server.prepare)
        case .handOver(let promise): handOver(server, promise)
        case .close: server.closeNow()
        }
    }

    /// The session that holds `server` is silent.
    func becameRevocable(_ server: ServerConnection) {
        guard let pooled = server.pooled else { return }
        if machine.becameRevocable(pooled, at: now) { advance() }
    }

    /// The session that holds `server` speaks again, or ends.
    func resume(_ server: ServerConnection) {
        guard let pooled = server.pooled else { return }
        machine.resume(pooled)
    }

    /// `server` was to be settled, but only its holder can use it.
    func pinned(_ server: ServerConnection) {
        guard let pooled = server.pooled else { return }
        if let promise = machine.pinned(pooled) { decline(promise) }
        advance()
    }

    /// `server` has been closed.
    func closed(_ server: ServerConnection) {
        guard let pooled = server.pooled else { return }
        server.pooled = nil
        servers[pooled.slot] = nil
        let farewell = machine.closed(pooled)
        if let reactor = farewell.mayOpen { tellToOpen(reactor) }
        if let promise = farewell.isMissing { decline(promise) }
        advance()
    }

    private func note(_ pooled: PooledServer, _ server: ServerConnection) {
        while servers.count <= pooled.slot { servers.append(nil) }
        servers[pooled.slot] = server
        server.pooled = pooled
    }

    // MARK: Steps

    /// Does what there is to do for those who wait.
    func advance() {
        while let step = machine.nextStep(at: now) {
            switch step {
            case .serve(let pooled, let waiter):
                if let client = forget(waiter) { servers[pooled.slot]?.prepare(for: client) }
            case .settle(let pooled, let waiter): servers[pooled.slot]?.settle(for: waiter.flatMap { forget($0) })
            case .open(let pooled): open(pooled)
            case .ask(let reactors): ask(reactors)
            }
        }
    }

    private func open(_ pooled: PooledServer) {
        _ = ServerOpening(for: self) { [self] result in
            switch result {
            case .success(let server):
                note(pooled, server)
                give(server)
            case .failure(let error):
                openFailed(pooled, error)
            }
        }
    }

    private func openFailed(_ pooled: PooledServer, _ error: ErrorResponse) {
        let isFull = error.sqlState == .tooManyConnections
        if !isFull { host.greetings.end() }
        let (refused, mayOpen) = machine.openFailed(pooled, isFull: isFull, at: now)
        for client in refused.compactMap({ forget($0) }) { client.refuse(error) }
        if let mayOpen { tellToOpen(mayOpen) }
        advance()
    }

    /// Looks what is due.
    func tick() {
        let due = machine.tick(at: now)
        if !due.isEmpty {
            if !due.timedOut.isEmpty {
                let inUse = inUse
                let count = due.timedOut.count
                host.shared.logger.warning("\(count) clients waited in vain for a server connection. \(inUse)")
                for waiter in due.timedOut { forget(waiter)?.refuse(waitedTooLong(inUse)) }
            }
            for pooled in due.close { servers[pooled.slot]?.closeNow() }
            for pooled in due.settle { servers[pooled.slot]?.settle(for: nil) }
            for pooled in due.open { open(pooled) }
        }
        advance()
    }

    /// What keeps the pool's connections, as far as this reactor knows.
    private var inUse: String {
        let pins = servers.compactMap { $0?.state.pins }.filter { !$0.isEmpty }
        let sum =
            "The pool of \(key.credentials.user) on \(key.database) has at most \(machine.limits.size) server connections"
            + (machine.limits.reserve > 0 ? " and \(machine.limits.reserve) in reserve" : "")
        guard !pins.isEmpty else { return sum + ", all in use." }
        let reasons = pins.reduce(into: PinReasons()) { $0.formUnion($1) }
        return sum + ", all in use, \(pins.count) of them pinned (\(reasons))."
    }

    private func waitedTooLong(_ inUse: String) -> ErrorResponse {
        ErrorResponse(
            .tooManyConnections,
            "no server connection became free within query_wait_timeout",
            detail: inUse,
            hint: "Raise query_wait_timeout or size in [pool] of gateway.toml, or the user's own pool_size."
        )
    }

    /// The gateway is going down: closes what is free, now and later.
    func close() {
        machine.isClosing = true
        for pooled in machine.freeServers { servers[pooled.slot]?.closeNow() }
    }

    // MARK: Other reactors

    private func handOver(_ server: ServerConnection, _ promise: PoolPromise) {
        // Not while its own bytes are being looked at.
        reactor.schedule(after: .zero) { [self] in
            guard !server.isClosed, let pooled = server.pooled else { return }
            guard server.isAtRest else {
                if let promise = machine.stay(pooled) { decline(promise) }
                return give(server)
            }
            servers[pooled.slot] = nil
            let baggage = machine.departed(pooled)
            host.send(server.packUp(key: key, baggage, promise, share: share))
        }
    }

    /// A connection has come from another reactor.
    func receive(_ parcel: ServerParcel) {
        let server = ServerConnection(parcel, pool: self)
        note(machine.arrived(parcel.baggage, parcel.promise, at: now), server)
        do throws(SystemError) {
            try reactor.add(server, interest: .read)
            give(server)
        } catch {
            server.closeNow()
        }
        advance()
    }

    private func ask(_ reactors: [Int]) {
        let (key, own) = (key, reactor.index)
        for reactor in reactors {
            host.tell(reactor) { other in
                guard let pool = other.pools[key] else {
                    return other.tell(own) { $0.pools[key]?.declined(nil) }
                }
                pool.asked(by: own)
            }
        }
    }

    private func asked(by reactor: Int) {
        switch machine.asked(by: reactor) {
        case .handOver(let pooled, let promise):
            if let server = servers[pooled.slot] { handOver(server, promise) }
        case .settle(let pooled): servers[pooled.slot]?.settle(for: nil)
        case .decline: tell(reactor) { $0.declined(nil) }
        }
    }

    private func decline(_ promise: PoolPromise) { tell(promise.reactor) { $0.declined(promise) } }

    private func declined(_ promise: PoolPromise?) {
        machine.declined(promise)
        advance()
    }

    private func tellToOpen(_ reactor: Int) { tell(reactor) { $0.advance() } }

    /// Runs `body` with another reactor's part of this pool. Nothing happens where it has none.
    private func tell(_ reactor: Int, _ body: @escaping @Sendable (ReactorPool) -> Void) {
        let key = key
        host.tell(reactor) { other in
            if let pool = other.pools[key] { body(pool) }
        }
    }
}
