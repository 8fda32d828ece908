import Logging
import Pooling
import PostgresWire
package import SQLInspection
package import Session

/// One reactor's sessions, its parts of the pools, and how they find each other. Confined to its reactor.
package final class SessionHost {
    let reactor: Reactor
    let shared: GatewayShared
    let judge: Judge
    var settings: HostSettings { shared.settings }
    var cancels: CancelRegistry { shared.cancels }
    private var listener: Listener?
    private var clients: [UInt64: ClientConnection] = [:]
    private(set) var pools: [ServerRequest: ReactorPool] = [:]
    /// What this reactor's sessions have prepared, and what they are told when they begin.
    let statements = StatementLibrary()
    let greetings: GreetingCache
    private var mailboxes: [Mailbox] = []
    /// Where the pass at hand puts together what it sends.
    let gatherBuffer = GatherBuffer()
    /// Whether anybody looks at `LeaseClocks`.
    let watchesLeases: Bool
    private var nextNumber: UInt64 = 0
    private var isShuttingDown = false
    private var onEmpty: (() -> Void)?

    /// Makes the host of `reactor`; keep it as the reactor's attachment.
    package init(reactor: Reactor, shared: GatewayShared) {
        self.reactor = reactor
        self.shared = shared
        greetings = GreetingCache(term: shared.greetings)
        let watch = HookWatch(clock: reactor) { [unowned reactor] hook in
            shared.slowHooks.note(hook, now: reactor.nanoseconds, shared.logger)
        }
        judge = Judge(chain: shared.chain, limits: shared.inspection, clock: reactor, watch: watch)
        watchesLeases = shared.settings.queryTimeout != nil || shared.settings.idleTransactionTimeout != nil
        scheduleTick()
    }

    /// Begins to accept connections.
    ///
    /// - Parameters:
    ///   - socket: the one that all reactors listen on.
    ///   - mailboxes: of all reactors, by index.
    package func listen(on socket: Int32, mailboxes: [Mailbox]) {
        self.mailboxes = mailboxes
        do {
            listener = try Listener(
                sharing: socket,
                reactor: reactor,
                placement: shared.placement,
                mailboxes: mailboxes,
                logger: shared.logger
            ) { reactor, socket in
                (reactor.attachment as? SessionHost)?.accept(socket)
            }
        } catch {
            shared.logger.critical("reactor \(reactor.index) cannot listen: \(error)")
        }
    }

    /// Another chain takes the place of the present one; sessions go over to it between two transactions.
    package func adopt(_ chain: PluginChain) { judge.adopt(chain) }

    /// How this reactor's statements were judged so far.
    package var inspections: InspectionStatistics { judge.statistics }

    // MARK: Clients

    /// Begins a session on an accepted socket.
    package func accept(_ socket: AcceptedSocket) {
        nextNumber += 1
        let session = ClientSession(
            environment: shared.environment,
            judge: judge,
            address: socket.peer.host,
            refusal: refusal,
            statements: statements,
            greetings: greetings
        )
        let client = ClientConnection(descriptor: socket.descriptor, host: self, number: nextNumber, session: session)
        do {
            try reactor.add(client, interest: .read)
            clients[client.number] = client
        } catch {
            shared.logger.error("cannot watch a client's socket: \(error)")
            client.closeNow()
        }
    }

    /// Why a connection that has just come is turned away once it says who it is.
    private var refusal: ErrorResponse? {
        if isShuttingDown { return ErrorResponse(.adminShutdown, "the gateway is shutting down") }
        guard shared.placement.total > settings.maximumClientConnections else { return nil }
        return ErrorResponse(
            .tooManyConnections,
            "sorry, too many clients already",
            hint: "Raise max_client_connections of gateway.toml."
        )
    }

    /// A client gives up the place that its connection was counted in.
    func leave() { shared.placement.leave(reactor.index) }

    func remove(_ client: ClientConnection) {
        clients[client.number] = nil
        if isShuttingDown, clients.isEmpty { finishShutdown() }
    }

    // MARK: Pools

    /// This reactor's part of a pool.
    func pool(for key: ServerRequest) -> ReactorPool {
        if let pool = pools[key] { return pool }
        var limits = settings.pool
        limits.size = key.poolSize
        let pool = ReactorPool(key: key, share: shared.pools.join(key), limits: limits, host: self)
        pools[key] = pool
        return pool
    }

    private func scheduleTick() {
        reactor.schedule(after: settings.tick) { [weak self] in
            guard let self else { return }
            self.tick()
            self.scheduleTick()
        }
    }

    private func tick() {
        for (key, pool) in pools {
            pool.tick()
            guard pool.isUnused else { continue }
            pools[key] = nil
            shared.pools.leave(key)
        }
        guard watchesLeases else { return }
        for client in Array(clients.values) { client.checkClocks(at: reactor.now) }
    }

    // MARK: Other reactors

    /// Runs `body` with the host of another reactor. Nothing happens when that has ended.
    func tell(_ reactor: Int, _ body: @escaping @Sendable (SessionHost) -> Void) {
        guard mailboxes.indices.contains(reactor) else { return }
        mailboxes[reactor].post { reactor in
            if let host = reactor.attachment as? SessionHost { body(host) }
        }
    }

    /// Sends a server connection to the reactor it was promised to.
    func send(_ parcel: ServerParcel) {
        let isPosted = mailboxes[parcel.promise.reactor].post { reactor in
            guard let host = reactor.attachment as? SessionHost, !host.isShuttingDown, let pool = host.pools[parcel.key]
            else { return parcel.close() }
            pool.receive(parcel)
        }
        if !isPosted { parcel.close() }
    }

    // MARK: Cancelling

    /// Registers a session with a secret of its own, under its server's process id or, without one, under a number that
    /// only this session has.
    func register(_ client: ClientConnection, processID: Int32?) -> CancelKey {
        let secret = shared.randomBytes(4).reduce(Int32(0)) { $0 << 8 | Int32($1) }
        let entry = CancelRegistry.Entry(session: client.number, secret: secret, reactor: Int32(reactor.index))
        if let processID {
            cancels.register(processID: processID, entry)
            return CancelKey(processID: processID, secret: secret)
        }
        let number = cancels.register(reactor: reactor.index, counter: client.number, entry)
        return CancelKey(processID: number, secret: secret)
    }

    /// Passes a cancel on to the reactor of the session it names, and closes the connection that brought it when it has
    /// arrived. A key that names nobody is met with silence, as PostgreSQL does.
    func cancel(processID: Int32, secret: Int32, from connection: ClientConnection) {
        guard let entry = cancels.find(processID: processID, secret: secret) else { return connection.closeNow() }
        let done = reactor.expect { [weak connection] (_: Bool) in connection?.closeNow() }
        tell(Int(entry.reactor)) { host in
            guard let client = host.clients[entry.session], !client.cancelWait(), client.session.isBusy,
                let server = client.server
            else { return done.send(false) }
            server.cancel { done.send(true) }
        }
    }

    func sendCancel(to address: SocketAddress, processID: Int32, secret: Int32, then done: @escaping () -> Void) {
        guard let attempt = try? Socket.connect(to: address) else { return done() }
        let connection = CancelConnection(
            descriptor: attempt.descriptor,
            reactor: reactor,
            processID: processID,
            secret: secret,
            timeout: settings.connectTimeout,
            onClose: done
        )
        do {
            try reactor.add(connection, interest: .write)
        } catch {
            connection.closeNow()
        }
    }

    // MARK: Long statements

    /// Parses a text on a stack in proportion and sends what it is to `reply`.
    func inspect(_ text: [UInt8], _ reply: Reply<ParsedText>) {
        let limit = shared.inspection.maximumStatementBytes
        let parsed = reactor.expect { (result: Result<ParsedText, WorkerFailure>) in
            switch result {
            case .success(let parsed): reply.send(parsed)
            case .failure: reply.send(.failed(.tooLong(limit: limit)))
            }
        }
        // The worst form measured takes 179 bytes of stack a byte of SQL.
        shared.worker.submit(stackBytes: (1 << 20) + 256 * text.count, reply: parsed) {
            unsafe SQLParser.parse(text.span.bytes, limits: ParseLimits(bytes: limit))
        }
    }

    // MARK: Shutting down

    /// Ends idle sessions now and the others when they have finished; `done` runs when none is left.
    package func shutDown(then done: @escaping () -> Void) {
        isShuttingDown = true
        onEmpty = done
        listener?.close()
        for client in Array(clients.values) { client.shutDown(isForced: false) }
        reactor.schedule(after: settings.shutdownTimeout) { [weak self] in
            guard let self else { return }
            for client in Array(self.clients.values) { client.shutDown(isForced: true) }
            for client in Array(self.clients.values) { client.closeNow() }
        }
        if clients.isEmpty { finishShutdown() }
    }

    private func finishShutdown() {
        for pool in pools.values { pool.close() }
        let done = onEmpty
        onEmpty = nil
        done?()
    }
}
