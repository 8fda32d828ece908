import Pooling
import PostgresWire
import Session

/// A client's socket, its session, and the server connection that the session holds.
///
/// Does what the session's steps say and decides nothing about the protocol.
final class ClientConnection: Connection {
    let number: UInt64
    let session: ClientSession
    let host: SessionHost
    /// The one that carries the session's words at the moment.
    var server: ServerConnection?
    /// Where its server connections come from, once it is known who it is.
    var pool: ReactorPool?
    /// Its place in the pool's queue, while it waits there.
    var waiter: PoolWaiter?
    /// When it began to.
    var waitsSince = MonotonicTime(nanoseconds: 0)
    /// A server connection that is being prepared for it.
    var preparedServer: ServerConnection?
    /// A server connection that the session's state is being taken off: nothing can be done before its outcome.
    var settledServer: ServerConnection?
    /// What it may cancel its statements with, once it has been told.
    var cancelKey: CancelKey?
    var clocks = LeaseClocks()
    /// The cancel of a statement that has run for too long has not reached the server: it must not hit the next one.
    var isBeingCancelled = false
    private(set) var isWaiting = false
    private var loginTimer: TimerToken?
    /// The gateway is going down: end as soon as nothing is under way.
    private var endsWhenQuiescent = false

    init(descriptor: Int32, host: SessionHost, number: UInt64, session: ClientSession) {
        self.number = number
        self.session = session
        self.host = host
        super.init(descriptor: descriptor, reactor: host.reactor)
        // Held by the timer until `closed` cancels it: an object that is referred to weakly is slower to hold for ever.
        loginTimer = reactor.schedule(after: host.settings.authenticationTimeout) { [self] in loginTimedOut() }
    }

    private func loginTimedOut() {
        loginTimer = nil
        // Nothing is said to somebody who has not even said hello; PostgreSQL does not either.
        guard session.hasSaidHello else { return closeNow() }
        end(ErrorResponse(.queryCanceled, "canceling authentication due to timeout"))
    }

    // MARK: From the client

    override func process(_ bytes: RawSpan) -> (consumed: Int, needed: Int) {
        guard !isWaiting else {
            // More than it waits with: enough for now.
            pauseReading()
            return (0, 0)
        }
        if isBeingCancelled, server != nil, !session.isBusy {
            waitForServer()
            return (0, 0)
        }
        var offset = 0
        var pieces = GatheredPieces(in: host.gatherBuffer)
        while true {
            let step = session.receive(fromClient: bytes.extracting(offset..<bytes.byteCount))
            if step.forward > 0 { pieces.add(offset..<offset + step.forward, of: bytes, to: server) }
            if !session.toServer.isEmpty {
                pieces.add(session.toServer, after: bytes, to: server)
                session.clearToServer()
            }
            offset += step.forward + step.discard
            if case .proceed = step.next, offset < bytes.byteCount, !isClosed { continue }
            if !pieces.isEmpty {
                noteSending()
                pieces.send(from: bytes, to: server)
            }
            if step.next == .greet { greet() }
            flushToClient()
            guard !isClosed else { return (offset, 0) }
            switch step.next {
            case .greet:
                break
            case .proceed:
                keepOrReturnServer()
                return (offset, 0)
            case .needMore(let count):
                keepOrReturnServer()
                return (offset, count)
            case .wait:
                waitForServer()
                return (offset, 0)
            case .lease:
                // An idle server connection is there at once, and nothing else would bring us back to the rest.
                guard leaseServer() else {
                    waitForServer()
                    return (offset, 0)
                }
                guard !isClosed else { return (offset, 0) }
            case .inspect:
                waitForServer()
                inspectElsewhere()
                return (offset, 0)
            case .hold:
                waitForServer()
                waitAtGate()
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

    func flushToClient() {
        guard !session.toClient.isEmpty else { return }
        send(session.toClient)
        session.clearToClient()
    }

    func flushToServer() {
        guard !session.toServer.isEmpty else { return }
        noteSending()
        server?.send(session.toServer)
        session.clearToServer()
    }

    /// Something is about to be sent to the server.
    @inline(__always)
    private func noteSending() {
        if let server, server.isRevocable { resume(server) }
        clocks.clientSpoke(at: reactor.now)
    }

    private func keepOrReturnServer() {
        guard let server else { return }
        if server.hasOutput { return pauseReading() }
        // Nobody keeps a server connection by asking for one and then saying nothing to it.
        if clocks.busySince == nil, session.poolMode == .transaction { endLease() }
    }

    /// Looks at nothing until something else has moved. Reading stops when more comes: mostly nothing does, and to be told
    /// so twice would cost two system calls.
    private func waitForServer() { isWaiting = true }

    /// What the client was waiting for has happened, or may have.
    func goOn() {
        guard isWaiting else { return }
        isWaiting = false
        processInput()
        if !isWaiting, !isClosed {
            if server?.hasOutput != true { resumeReading() }
            keepOrReturnServer()
        }
        endIfDone()
    }

    /// A gate holds the client's message, for a time or until something is decided.
    private func waitAtGate() {
        if let until = session.heldUntil {
            let wait = MonotonicTime(nanoseconds: Int64(clamping: until)) - reactor.now
            reactor.schedule(after: max(wait, .zero)) { [weak self] in self?.goOn() }
        }
        guard session.awaitsDecision else { return }
        let decided = reactor.expect { [weak self] (_: Bool) in self?.goOn() }
        session.whenDecided { decided.send(true) }
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

    override func outputDrained() {
        server?.resumeReading()
    }

    func stopLoginTimer() {
        if let timer = loginTimer { reactor.cancel(timer) }
        loginTimer = nil
    }

    // MARK: From the server

    /// Takes what the server sent. Answers how much is done with and how much more is needed.
    func receive(fromServer bytes: RawSpan) -> (consumed: Int, needed: Int) {
        var offset = 0
        var pieces = GatheredPieces(in: host.gatherBuffer)
        while true {
            let step = session.receive(fromServer: bytes.extracting(offset..<bytes.byteCount))
            if step.forward > 0 { pieces.add(offset..<offset + step.forward, of: bytes, to: self) }
            if !session.toClient.isEmpty {
                pieces.add(session.toClient, after: bytes, to: self)
                session.clearToClient()
            }
            offset += step.forward + step.discard
            if case .proceed = step.next, offset < bytes.byteCount, !isClosed { continue }
            pieces.send(from: bytes, to: self)
            flushToServer()
            guard !isClosed else { return (offset, 0) }
            if case .close = step.next {
                closeWhenSent()
                return (bytes.byteCount, 0)
            }
            afterServerSpoke()
            if case .needMore(let count) = step.next { return (offset, count) }
            return (offset, 0)
        }
    }

    @inline(__always)
    private func afterServerSpoke() {
        if hasOutput { server?.pauseReading() }
        if session.poolMode == .transaction { endLease() }
        if host.watchesLeases { clocks.serverSpoke(at: reactor.now, isBusy: session.isBusy) }
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
            session.end(.serverEnded)
            flushToClient()
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
        flushToClient()
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

    /// Whoever has seen one client's end finds its place free for the next.
    override func closing() { host.leave() }

    override func closed() {
        stopLoginTimer()
        session.close()
        leaveServers()
        if let cancelKey { host.cancels.remove(processID: cancelKey.processID, session: number) }
        host.remove(self)
    }
}

extension ErrorResponse {
    static let serverEnded = ErrorResponse(
        .connectionFailure,
        "server closed the connection unexpectedly",
        hint: "The upstream may have been stopped or restarted; connect again."
    )
}
