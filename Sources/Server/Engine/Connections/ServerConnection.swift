import Pooling
import PostgresWire
import Session

/// A server's socket: logs in, serves sessions, runs the gateway's own errands between them, waits for the next.
final class ServerConnection: Connection {
    enum Work {
        case connecting
        indirect case loggingIn(ServerLogin)
        /// A session's.
        case serving
        /// The gateway's own Query is under way.
        indirect case errand(ServerErrand)
        /// Nobody's: in the pool, or waiting until a cancel has arrived.
        case resting
    }

    /// The address that was connected to: cancels go where the connection went.
    private let address: SocketAddress
    let pool: ReactorPool
    /// Its number in the pool; nil before login and after the end.
    var pooled: PooledServer?
    /// What is known of the server; nothing before it has let us in.
    private(set) var state: ServerState
    /// Whose session it serves.
    var client: ClientConnection?
    /// Whom it is being prepared for.
    var target: ClientConnection?
    /// Whose session's state is being taken off it: what the server says by itself is for it, and it may get it back.
    var holder: ClientConnection?
    /// A session that has ended and whose state is still on it.
    var departed: ClientSession?
    /// Its client is silent and may have to do without it.
    var isRevocable = false
    var work: Work
    private var timer: TimerToken?
    private var onReady: ServerOpening.Handler?
    /// Cancels that are on their way to this server: until they have arrived, nobody else may use the connection.
    private(set) var cancelsUnderWay = 0

    private var host: SessionHost { pool.host }

    /// A connection that is being made.
    init(
        descriptor: Int32,
        address: SocketAddress,
        pool: ReactorPool,
        onReady: @escaping ServerOpening.Handler
    ) {
        self.address = address
        self.pool = pool
        self.onReady = onReady
        work = .connecting
        state = ServerState(ServerIdentity(processID: 0, secret: 0, parameters: ServerParameters()))
        super.init(descriptor: descriptor, reactor: pool.host.reactor)
    }

    /// A connection that has come from another reactor.
    init(_ parcel: ServerParcel, pool: ReactorPool) {
        address = parcel.address
        self.pool = pool
        work = .resting
        state = ServerState(parcel.state, statements: pool.host.statements)
        super.init(descriptor: parcel.descriptor, reactor: pool.host.reactor)
    }

    /// How soon a server is found to be gone that says nothing, and one that takes nothing.
    static func setOptions(_ descriptor: Int32) {
        Socket.setNoDelay(descriptor)
        Socket.setKeepalive(descriptor, .init(idle: .seconds(30), interval: .seconds(10), count: 3))
        Socket.setUserTimeout(descriptor, .seconds(60))
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
        var login = ServerLogin(pool.key, cache: host.shared.passwords, nonce: nonce)
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
        work = .resting
        onReady.take()?(.success(self))
    }

    private func giveUp(_ error: ErrorResponse) {
        let onReady = onReady.take()
        closeNow()
        onReady?(.failure(error))
    }

    /// Closes a connection whose opening has come to nothing.
    func abandon() {
        onReady = nil
        closeNow()
    }

    // MARK: From the server

    override func process(_ bytes: RawSpan) -> (consumed: Int, needed: Int) {
        if case .serving = work, let client { return client.receive(fromServer: bytes) }
        var offset = 0
        while offset < bytes.byteCount, !isClosed {
            let rest = bytes.extracting(offset..<bytes.byteCount)
            let (consumed, needed) =
                switch work {
                case .connecting: (rest.byteCount, 0)
                case .loggingIn(let login): receive(rest, login)
                case .serving: client?.receive(fromServer: rest) ?? (rest.byteCount, 0)
                case .errand(let errand): receive(rest, errand)
                case .resting: hear(rest)
                }
            offset += consumed
            if needed > 0 { return (offset, needed) }
        }
        return (offset, 0)
    }

    private func receive(_ bytes: RawSpan, _ begun: ServerLogin) -> (consumed: Int, needed: Int) {
        var login = begun
        let step = login.receive(bytes)
        flush(&login)
        switch step {
        case .proceed(let consumed):
            return (consumed, 0)
        case .needMore(let count):
            return (0, count)
        case .ready(let consumed, let identity):
            ready(identity)
            return (consumed, 0)
        case .failed(let error):
            giveUp(error)
            return (bytes.byteCount, 0)
        }
    }

    /// What the server says by itself.
    private func hear(_ bytes: RawSpan) -> (consumed: Int, needed: Int) {
        let before = state.parameters.fingerprint
        switch state.hear(bytes) {
        case .proceed(let consumed):
            if state.parameters.fingerprint != before { host.greetings.end() }
            return (consumed, 0)
        case .notification(let count):
            holder?.send(bytes.extracting(0..<count))
            return (count, 0)
        case .needMore(let count):
            return (0, count)
        case .failed:
            host.greetings.end()
            closeNow()
            return (bytes.byteCount, 0)
        }
    }

    override func inputEnded() {
        if onReady != nil {
            return giveUp(ErrorResponse(.connectionFailure, "the upstream closed the connection during login"))
        }
        host.greetings.end()
        closeNow()
    }

    override func failed(_ code: Int32) {
        if onReady != nil { return giveUp(.cannotConnect(code)) }
        host.greetings.end()
        closeNow()
    }

    override func outputDrained() { client?.serverDrained() }

    // MARK: Cancelling

    /// Tells the server to cancel what it runs for this connection.
    func cancel(then done: @escaping () -> Void = {}) {
        cancelsUnderWay += 1
        host.sendCancel(to: address, processID: state.processID, secret: state.secret) { [self] in
            done()
            cancelsUnderWay -= 1
            if case .resting = work, cancelsUnderWay == 0, !isClosed { goOn() }
        }
    }

    // MARK: To another reactor

    /// Whether nothing is on its way in or out.
    var isAtRest: Bool {
        guard case .resting = work else { return false }
        return !hasInput && !hasOutput && !hasEnded && cancelsUnderWay == 0
    }

    /// Lets go of the socket, for another reactor to take.
    func packUp(key: ServerRequest, _ baggage: PooledBaggage, _ promise: PoolPromise, share: PoolShare) -> ServerParcel
    {
        pooled = nil
        return ServerParcel(
            descriptor: surrender(),
            address: address,
            key: key,
            state: state.handOver(),
            baggage: baggage,
            promise: promise,
            share: share
        )
    }

    // MARK: Ending

    /// Has the connection closed if what is under way takes longer than making a new one may.
    func startTimer() {
        stopTimer()
        timer = reactor.schedule(after: host.settings.connectTimeout) { [self] in closeNow() }
    }

    func stopTimer() {
        guard let timer else { return }
        reactor.cancel(timer)
        self.timer = nil
    }

    override func closed() {
        stopTimer()
        departed = nil
        let (client, target, holder) = (client.take(), target.take(), holder.take())
        client?.serverEnded()
        holder?.settledServerEnded()
        // Nothing of its has been sent yet: another connection is as good.
        target?.preparedServerEnded()
        pool.closed(self)
    }
}
