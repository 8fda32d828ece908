import Logging
import Pooling
import PostgresWire
import SQLInspection
import Session

/// One reactor's sessions, its idle server connections, and how they find each other. Confined to its reactor.
public final class SessionHost {
    let reactor: Reactor
    let shared: GatewayShared
    let judge: Judge
    var settings: HostSettings { shared.settings }
    var cancels: CancelRegistry { shared.cancels }
    private var listener: Listener?
    private var clients: [UInt64: ClientConnection] = [:]
    private var pool: ServerPool<ServerRequest, ServerConnection, MonotonicTime>
    private var nextNumber: UInt64 = 0
    private var isShuttingDown = false
    private var onEmpty: (() -> Void)?

    /// Makes the host of `reactor`; keep it as the reactor's attachment.
    public init(reactor: Reactor, shared: GatewayShared) {
        self.reactor = reactor
        self.shared = shared
        judge = Judge(chain: shared.chain, limits: shared.inspection)
        pool = ServerPool(capacity: shared.settings.maximumIdleServers)
        scheduleExpiry()
    }

    /// Begins to accept connections.
    ///
    /// - Parameters:
    ///   - socket: the one that all reactors listen on.
    ///   - mailboxes: of all reactors, by index.
    public func listen(on socket: Int32, mailboxes: [Mailbox]) {
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

    // MARK: Clients

    /// Begins a session on an accepted socket.
    public func accept(_ socket: AcceptedSocket) {
        Socket.setNoDelay(socket.descriptor)
        Socket.setKeepalive(socket.descriptor, .init(idle: .seconds(60), interval: .seconds(10), count: 6))
        nextNumber += 1
        let session = ClientSession(
            environment: shared.environment,
            judge: judge,
            address: socket.peer.host,
            refusal: refusal
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

    func remove(_ client: ClientConnection) {
        clients[client.number] = nil
        shared.placement.leave(reactor.index)
        if isShuttingDown, clients.isEmpty { finishShutdown() }
    }

    // MARK: Servers

    /// Finds or opens a server connection for a session.
    func lease(_ request: ServerRequest, handler: @escaping ServerLease.Handler) -> ServerLease {
        let lease = ServerLease(request, host: self, handler: handler)
        if let server = pool.take(request) {
            server.takeUp()
            lease.finish(.success(server))
            return lease
        }
        let reply = reactor.expect { (result: Result<[SocketAddress], ResolutionFailure>) in
            switch result {
            case .success(let addresses):
                lease.open(addresses[...], last: nil)
            case .failure(let failure):
                lease.finish(.failure(ErrorResponse(.connectionFailure, failure.description)))
            }
        }
        shared.resolver.resolve(settings.upstreamHost, port: settings.upstreamPort, reply: reply)
        return lease
    }

    func add(_ server: ServerConnection, isConnected: Bool) throws(SystemError) {
        try reactor.add(server, interest: isConnected ? .read : .write)
        if isConnected { server.logIn() }
    }

    func keep(_ server: ServerConnection) -> Bool {
        !isShuttingDown && pool.put(server.request, server, expiry: reactor.now + settings.serverIdleTimeout)
    }

    func removeServer(_ server: ServerConnection) { pool.remove(server.request, server) }

    private func scheduleExpiry() {
        reactor.schedule(after: .seconds(1)) { [weak self] in
            guard let self, !self.isShuttingDown else { return }
            for server in self.pool.expire(at: self.reactor.now) { server.closeNow() }
            self.scheduleExpiry()
        }
    }

    // MARK: Cancelling

    /// Registers a session under its server's process id with a secret of its own, which is returned.
    func register(_ client: ClientConnection, processID: Int32) -> Int32 {
        let secret = shared.randomBytes(4).reduce(Int32(0)) { $0 << 8 | Int32($1) }
        cancels.register(
            processID: processID,
            .init(secret: secret, session: client.number, mailbox: reactor.mailbox)
        )
        return secret
    }

    /// Passes a cancel on to the reactor of the session it names, and closes the connection that brought it when it has
    /// arrived. A key that names nobody is met with silence, as PostgreSQL does.
    func cancel(processID: Int32, secret: Int32, from connection: ClientConnection) {
        guard let entry = cancels.find(processID: processID, secret: secret) else { return connection.closeNow() }
        let done = reactor.expect { [weak connection] (_: Bool) in connection?.closeNow() }
        entry.mailbox.post { reactor in
            guard let host = reactor.attachment as? SessionHost,
                let client = host.clients[entry.session], client.session.isBusy, let server = client.server
            else { return done.send(false) }
            server.cancel { done.send(true) }
        }
    }

    func sendCancel(processID: Int32, secret: Int32, then done: @escaping () -> Void) {
        let reply = reactor.expect { (result: Result<[SocketAddress], ResolutionFailure>) in
            guard case .success(let addresses) = result, let address = addresses.first,
                let attempt = try? Socket.connect(to: address)
            else { return done() }
            let connection = CancelConnection(
                descriptor: attempt.descriptor,
                reactor: self.reactor,
                processID: processID,
                secret: secret,
                timeout: self.settings.connectTimeout,
                onClose: done
            )
            do {
                try self.reactor.add(connection, interest: .write)
            } catch {
                connection.closeNow()
            }
        }
        shared.resolver.resolve(settings.upstreamHost, port: settings.upstreamPort, reply: reply)
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
    public func shutDown(then done: @escaping () -> Void) {
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
        for server in pool.drain() { server.closeNow() }
        let done = onEmpty
        onEmpty = nil
        done?()
    }
}
