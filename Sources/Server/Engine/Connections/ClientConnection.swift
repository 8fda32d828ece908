import PostgresWire
import Session

/// A client's socket, its session, and the server connection that the session holds.
///
/// Does what the session's steps say and decides nothing about the protocol.
final class ClientConnection: Connection {
    let number: UInt64
    let session: ClientSession
    private unowned let host: SessionHost
    private(set) var server: ServerConnection?
    private var isWaiting = false
    private var lease: ServerLease?
    private var loginTimer: TimerToken?
    private var processID: Int32?
    /// The gateway is going down: end as soon as nothing is under way.
    private var endsWhenQuiescent = false

    init(descriptor: Int32, host: SessionHost, number: UInt64, session: ClientSession) {
        self.number = number
        self.session = session
        self.host = host
        super.init(descriptor: descriptor, reactor: host.reactor)
        loginTimer = reactor.schedule(after: host.settings.authenticationTimeout) { [weak self] in
            self?.loginTimedOut()
        }
    }

    private func loginTimedOut() {
        loginTimer = nil
        // Nothing is said to somebody who has not even said hello; PostgreSQL does not either.
        guard session.hasSaidHello else { return closeNow() }
        end(ErrorResponse(.queryCanceled, "canceling authentication due to timeout"))
    }

    // MARK: From the client

    override func process(_ bytes: RawSpan) -> (consumed: Int, needed: Int) {
        var offset = 0
        while true {
            let rest = bytes.extracting(offset..<bytes.byteCount)
            let step = session.receive(fromClient: rest)
            if step.forward > 0 { server?.send(rest.extracting(0..<step.forward)) }
            flushOutboxes()
            offset += step.forward + step.discard
            guard !isClosed else { return (offset, 0) }
            switch step.next {
            case .proceed:
                guard offset < bytes.byteCount else {
                    pauseIfServerIsFull()
                    return (offset, 0)
                }
            case .needMore(let count):
                pauseIfServerIsFull()
                return (offset, count)
            case .wait:
                waitForServer()
                return (offset, 0)
            case .lease:
                waitForServer()
                leaseServer()
                // An idle server connection is there at once, and nothing else would bring us back to the rest.
                guard !isWaiting, !isClosed else { return (offset, 0) }
            case .greet:
                preconditionFailure("a session with a server connection for life is greeted when it has it")
            case .inspect:
                waitForServer()
                inspectElsewhere()
                return (offset, 0)
            case .cancel(let processID, let secret):
                stopLoginTimer()
                host.cancel(processID: processID, secret: secret, from: self)
                return (bytes.byteCount, 0)
            case .close:
                closeWhenSent()
                return (bytes.byteCount, 0)
            }
        }
    }

    private func flushOutboxes() {
        if !session.toServer.isEmpty {
            server?.send(session.toServer)
            session.clearToServer()
        }
        if !session.toClient.isEmpty {
            send(session.toClient)
            session.clearToClient()
        }
    }

    private func pauseIfServerIsFull() {
        if server?.hasOutput == true { pauseReading() }
    }

    /// Stops reading until something else has moved.
    private func waitForServer() {
        isWaiting = true
        pauseReading()
    }

    /// What the client was waiting for has happened, or may have.
    func goOn() {
        guard isWaiting else { return }
        isWaiting = false
        processInput()
        if !isWaiting, server?.hasOutput != true { resumeReading() }
        endIfDone()
    }

    private func inspectElsewhere() {
        let text = session.textToInspect
        host.inspect(
            text,
            reactor.expect { [weak self] parsed in
                self?.session.inspected(parsed)
                self?.goOn()
            }
        )
    }

    override func inputEnded() {
        // A client that has shut down its sending side still gets its answers, as from PostgreSQL.
        if !session.isRunning { return closeNow() }
        endIfDone()
    }

    override func failed(_ code: Int32) { closeNow() }

    override func outputDrained() { server?.resumeReading() }

    // MARK: The server connection

    private func leaseServer() {
        stopLoginTimer()
        guard let request = session.serverRequest else { return }
        lease = host.lease(request) { [weak self] result in
            guard let self, !self.isClosed else { return false }
            self.lease = nil
            switch result {
            case .success(let server): self.attach(server)
            case .failure(let error): self.end(error)
            }
            return true
        }
    }

    private func stopLoginTimer() {
        if let timer = loginTimer { reactor.cancel(timer) }
        loginTimer = nil
    }

    private func attach(_ server: ServerConnection) {
        self.server = server
        server.client = self
        let secret = host.register(self, processID: server.state.processID)
        processID = server.state.processID
        session.attach(server.state, key: CancelKey(processID: server.state.processID, secret: secret))
        flushOutboxes()
        goOn()
    }

    /// Takes what the server sent. Answers how much is done with and how much more is needed.
    func receive(fromServer bytes: RawSpan) -> (consumed: Int, needed: Int) {
        var offset = 0
        while true {
            let rest = bytes.extracting(offset..<bytes.byteCount)
            let step = session.receive(fromServer: rest)
            if step.forward > 0 { send(rest.extracting(0..<step.forward)) }
            flushOutboxes()
            offset += step.forward + step.discard
            guard !isClosed else { return (offset, 0) }
            switch step.next {
            case .proceed where offset < bytes.byteCount:
                continue
            case .needMore(let count):
                afterServerSpoke()
                return (offset, count)
            case .close:
                closeWhenSent()
                return (bytes.byteCount, 0)
            default:
                afterServerSpoke()
                return (offset, 0)
            }
        }
    }

    @inline(__always)
    private func afterServerSpoke() {
        if hasOutput { server?.pauseReading() }
        if isWaiting { goOn() }
        if hasEnded || endsWhenQuiescent { endIfDone() }
    }

    /// What the client sent has reached the server: read on.
    func serverDrained() {
        guard !isWaiting else { return }
        resumeReading()
    }

    /// The server is gone.
    func serverEnded() {
        server = nil
        guard !isClosed else { return }
        if !session.hasRelayedFatal, !session.hasSaidGoodbye {
            session.end(
                ErrorResponse(
                    .connectionFailure,
                    "server closed the connection unexpectedly",
                    hint: "The upstream may have been stopped or restarted; connect again."
                )
            )
            flushOutboxes()
        }
        closeWhenSent()
    }

    // MARK: Ending

    private func endIfDone() {
        if hasEnded, !isWaiting, !session.awaitsAnswers { return closeWhenSent() }
        if endsWhenQuiescent, session.isQuiescent { shutDown(isForced: true) }
    }

    /// Ends the session with a last word.
    func end(_ error: ErrorResponse) {
        session.end(error)
        flushOutboxes()
        closeWhenSent()
    }

    /// Ends the session as PostgreSQL does when it is shut down: at once where nothing is under way, else when that is so.
    func shutDown(isForced: Bool) {
        guard isForced || !session.isRunning || session.isQuiescent else {
            endsWhenQuiescent = true
            return
        }
        end(ErrorResponse(.adminShutdown, "terminating connection due to administrator command"))
    }

    override func closed() {
        stopLoginTimer()
        lease?.abandon()
        if let processID { host.cancels.remove(processID: processID, session: number) }
        if let server {
            server.client = nil
            self.server = nil
            server.release(after: session)
        }
        host.remove(self)
    }
}
