import PostgresWire
import Session

/// A server's socket: logs in, serves a session, is cleaned, waits for the next.
final class ServerConnection: Connection {
    private enum Work {
        case connecting
        case loggingIn(ServerLogin)
        case serving
        /// Between two sessions: being cleaned, then idle.
        case resting(ServerHousekeeping)
    }

    let request: ServerRequest
    /// The address that was connected to: cancels go where the connection went.
    private let address: SocketAddress
    /// What is known of the server; nothing before it has let us in.
    private(set) var state = ServerState(ServerIdentity(processID: 0, secret: 0, parameters: ServerParameters()))
    /// Whose session it serves.
    var client: ClientConnection?
    private unowned let host: SessionHost
    private var work = Work.connecting
    private var timer: TimerToken?
    private var onReady: ((Result<ServerConnection, ErrorResponse>) -> Void)?
    /// Cancels that are on their way to this server: until they have arrived, nobody else may use the connection.
    private var cancelsUnderWay = 0

    init(
        descriptor: Int32,
        address: SocketAddress,
        request: ServerRequest,
        host: SessionHost,
        onReady: @escaping (Result<ServerConnection, ErrorResponse>) -> Void
    ) {
        self.address = address
        self.request = request
        self.host = host
        self.onReady = onReady
        super.init(descriptor: descriptor, reactor: host.reactor)
        timer = reactor.schedule(after: host.settings.connectTimeout) { [weak self] in
            self?.giveUp(ErrorResponse(.connectionFailure, "the upstream did not answer in time"))
        }
    }

    // MARK: Connecting and logging in

    override func writable() {
        guard case .connecting = work else { return super.writable() }
        let code = Socket.pendingError(descriptor)
        guard code == 0 else { return failed(code) }
        logIn()
    }

    /// The socket is connected.
    func logIn() {
        setInterest(.read)
        let nonce = host.shared.randomBytes(SCRAMKeys.rawNonceLength)
        var login = ServerLogin(request, cache: host.shared.passwords, nonce: nonce)
        flush(&login)
    }

    private func flush(_ login: inout ServerLogin) {
        let answer = login.toServer
        login.clearToServer()
        work = .loggingIn(login)
        send(answer)
    }

    private func ready(_ identity: ServerIdentity) {
        state = ServerState(identity)
        stopTimer()
        work = .serving
        let onReady = onReady
        self.onReady = nil
        onReady?(.success(self))
    }

    private func giveUp(_ error: ErrorResponse) {
        let onReady = onReady
        self.onReady = nil
        closeNow()
        onReady?(.failure(error))
    }

    // MARK: From the server

    override func process(_ bytes: RawSpan) -> (consumed: Int, needed: Int) {
        if case .serving = work, let client { return client.receive(fromServer: bytes) }
        var offset = 0
        while offset < bytes.byteCount, !isClosed {
            let rest = bytes.extracting(offset..<bytes.byteCount)
            switch work {
            case .connecting:
                return (offset, 0)
            case .serving:
                guard let client else { return (bytes.byteCount, 0) }
                let (consumed, needed) = client.receive(fromServer: rest)
                return (offset + consumed, needed)
            case .loggingIn(var login):
                let step = login.receive(rest)
                flush(&login)
                switch step {
                case .proceed(let consumed): offset += consumed
                case .needMore(let count): return (offset, count)
                case .ready(let consumed, let identity):
                    offset += consumed
                    ready(identity)
                case .failed(let error):
                    giveUp(error)
                }
            case .resting(var house):
                let step = house.receive(rest)
                work = .resting(house)
                switch step {
                case .proceed(let consumed): offset += consumed
                case .needMore(let count): return (offset, count)
                case .clean(let consumed):
                    offset += consumed
                    becomeIdle(house.parameters)
                case .failed:
                    closeNow()
                }
            }
        }
        return (offset, 0)
    }

    override func inputEnded() {
        if onReady != nil {
            return giveUp(ErrorResponse(.connectionFailure, "the upstream closed the connection during login"))
        }
        closeNow()
    }

    override func failed(_ code: Int32) {
        if onReady != nil {
            let reason = code == 0 ? "the connection broke" : SystemError.text(of: code)
            return giveUp(ErrorResponse(.connectionFailure, "could not connect to the upstream", detail: reason))
        }
        closeNow()
    }

    override func outputDrained() { client?.serverDrained() }

    // MARK: Between sessions

    /// The session is over. What it left is cleaned away, or the connection is closed.
    func release(after session: ClientSession) {
        guard !isClosed else { return }
        guard session.isQuiescent, session.isAtMessageBoundary, !hasOutput, !hasInput, !hasEnded else {
            return closeNow()
        }
        work = .resting(ServerHousekeeping(parameters: state.parameters))
        resumeReading()
        timer = reactor.schedule(after: host.settings.connectTimeout) { [weak self] in self?.closeNow() }
        if cancelsUnderWay == 0 { beginCleaning() }
    }

    private func beginCleaning() {
        send(ServerHousekeeping.resetMessage)
    }

    private func becomeIdle(_ parameters: ServerParameters) {
        stopTimer()
        state = ServerState(ServerIdentity(processID: state.processID, secret: state.secret, parameters: parameters))
        if !host.keep(self) { closeNow() }
    }

    /// Leaves the pool for a session.
    func takeUp() { work = .serving }

    // MARK: Cancelling

    /// Tells the server to cancel what it runs for this connection.
    func cancel(then done: @escaping () -> Void) {
        cancelsUnderWay += 1
        host.sendCancel(to: address, processID: state.processID, secret: state.secret) { [weak self] in
            done()
            guard let self else { return }
            self.cancelsUnderWay -= 1
            if case .resting = self.work, self.cancelsUnderWay == 0, !self.isClosed { self.beginCleaning() }
        }
    }

    private func stopTimer() {
        if let timer { reactor.cancel(timer) }
        timer = nil
    }

    override func closed() {
        stopTimer()
        host.removeServer(self)
        if let client {
            self.client = nil
            client.serverEnded()
        }
    }
}
