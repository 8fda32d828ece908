public import PluginAPI
public import PostgresWire
public import SQLInspection

/// One client's session: what it is told, what of its words reaches a server, and what comes back.
///
/// A state machine without sockets, clock or logger: the engine shows it bytes and does what the answering `RelayStep`
/// says. It lives on one reactor for life.
public final class ClientSession {
    enum Phase {
        case startup(Startup)
        /// Authenticated; waiting for a server connection.
        case leasing
        /// Authenticated; what a server would say is known.
        indirect case greeting(ServerParameters, messages: [UInt8])
        case running
        case ended
    }

    /// A text too long for the reactor, and what a worker made of it. An object, for hardly a session ever has one.
    final class InspectedElsewhere {
        let text: [UInt8]
        let parsed: ParsedText

        init(text: [UInt8], parsed: ParsedText) {
            self.text = text
            self.parsed = parsed
        }
    }

    enum CopyIn {
        case no
        /// Something was sent that may make the server read COPY data; it has not answered yet.
        case possible
        case active
    }

    /// Bytes for the client that the gateway made, to be sent in this place of the server's stream.
    public internal(set) var toClient: [UInt8] = []
    /// Bytes for the server that the gateway made, to be sent in this place of the client's stream.
    public internal(set) var toServer: [UInt8] = []
    /// The text that `RelayStep.Next.inspect` is about.
    public internal(set) var textToInspect: [UInt8] = []
    /// What the session needs a server connection for, once it asks to lease one.
    public internal(set) var serverRequest: ServerRequest?
    /// Who the session is, once it has proved it.
    public var identity: SessionIdentity? { serverRequest == nil ? nil : policy.identity }
    /// The server's word on the client's transaction, as last passed on.
    public internal(set) var transactionStatus = TransactionStatus.idle

    // There are thousands of idle sessions: flags stand side by side, where they take a byte each and not eight.

    /// When its server connection is given back.
    public internal(set) var poolMode = PoolMode.session
    /// Whether the server has told the client why it ends the session.
    public internal(set) var hasRelayedFatal = false
    /// The client has said Terminate while answers were due: the server is told, sends them and closes.
    public internal(set) var hasSaidGoodbye = false

    let environment: SessionEnvironment
    let judge: Judge
    var phase: Phase
    /// What the session is measured against. Replaced once it is known who it is.
    var policy: PolicyContext

    // From the client.
    var bodyRemaining = 0
    /// How many Syncs the client has sent.
    var batch = 0
    var names = StatementNames()
    /// What a worker made of `textToInspect`.
    var inspectedElsewhere: InspectedElsewhere?
    /// A worker is parsing `textToInspect`: until it answers, nothing the client says is looked at.
    var isInspecting = false
    /// A message of the extended protocol failed: nothing is looked at before the next Sync.
    var skipsToSync = false
    /// A Bind of the unnamed portal was sent, and no Query since.
    var hasUnnamedPortal = false
    var bodyIsDropped = false

    // From the server.
    var serverBodyIsDropped = false
    /// Observers know of the session.
    var hasBegun = false
    var serverBodyRemaining = 0
    // What gates and observers are told.
    /// The eldest statement under way, where it is a plain one and was sent when there was no other.
    var plainRun: PlainRun?
    /// The others under way, all younger; nil where there are none, or nobody wants to know.
    var runs: RunLog?
    /// Bytes of the server's messages so far.
    var bytesFromServer: UInt64 = 0
    /// Where the message at hand stands with the gates; nil where nobody has asked them.
    var admission: Admission?
    /// Why the gateway ends the session.
    var endedBy: Substitute?

    /// What the statement under way has run for at least, once it is cancelled for that.
    var exceededLimit: Duration?
    var expectations = ExpectationQueue()
    /// Those of what is under way that rest on a rewritten text.
    var rewrites: [RewrittenMessage] = []
    /// The server connection that carries the session's words at the moment.
    public internal(set) var server: ServerState?
    /// What is under way on it, beside `expectations`.
    var lease = Lease()
    /// Why the message that waits for a server connection will not get one.
    var refusalOfLease: Substitute?
    /// The verdict on the text that waits for a server connection.
    var heldVerdict: Verdict?

    // Shared server connections: what of the session's is on none of them.
    /// Which of the reactor's sessions it is.
    let number: Int
    let statements: StatementLibrary
    let greetings: GreetingCache
    /// The session's settings, as far as its server connection does not know better.
    var settings = SessionSettings.none
    /// What RESET goes back to, where a server connection begins with something else.
    var startupSettings = SessionSettings.none
    /// What the client has been told by ParameterStatus.
    var told = ServerParameters()
    /// The unnamed statement's Parse as it was sent.
    var unnamed = UnnamedStatement()
    // COPY FROM STDIN.
    /// The number of the message that made a COPY possible.
    var copyExpectation: Int?
    var copyIn = CopyIn.no
    /// The message that made a COPY possible is a Query of several statements.
    var copyMayRepeat = false
    /// It is an Execute without a Flush behind it: the server may keep its answer to itself until a Sync.
    var mayHoldAnswerBack = false
    /// A portal of a COPY FROM STDIN may exist.
    var mayExecuteCopy = false
    /// The Query at hand may EXECUTE a COPY FROM STDIN.
    var executesCopy = false
    /// The Query at hand runs, by EXECUTE, what a rewritten text has prepared.
    var executesRewritten = false
    /// CopyData was sent before it is known whether the server begins a COPY.
    var hasSentEarlyCopyData = false
    /// A Sync among COPY data: the server ignores it, or takes it for real when the COPY has failed by then. Nobody can
    /// tell which from here, so it is kept back.
    var hasKeptSync = false
    /// The COPY has failed: the Sync that was kept back is due once the message under way is through.
    var owesSync = false

    /// The client has asked what it drew from a sequence: from now on it keeps the connection that it draws on.
    var asksForDraws = false

    var limits: SessionLimits { environment.limits }

    /// - Parameter address: the client's numeric address.
    /// - Parameter refusal: why the session is to be turned away as soon as it has said who it is.
    public init(
        environment: SessionEnvironment,
        judge: Judge,
        address: String,
        refusal: ErrorResponse? = nil,
        statements: StatementLibrary = StatementLibrary(),
        greetings: GreetingCache = GreetingCache()
    ) {
        self.statements = statements
        self.greetings = greetings
        number = statements.nextNumber()
        self.environment = environment
        self.judge = judge
        phase = .startup(Startup(address: address, refusal: refusal))
        policy = judge.stranger
    }

    /// Whether the session is past authentication and startup.
    public var isRunning: Bool { if case .running = phase { true } else { false } }

    /// Whether the client has sent its startup message.
    public var hasSaidHello: Bool {
        guard case .startup(let startup) = phase, case .firstPacket = startup.stage else { return true }
        return false
    }

    /// Whether the server owes an answer.
    public var isBusy: Bool { !expectations.isEmpty || copyIn == .active || lease.aside != nil }

    /// Whether the server will answer all it has been sent without another word from the client: a client that says no
    /// more still gets these answers, as from PostgreSQL.
    public var awaitsAnswers: Bool {
        copyIn == .no && bodyRemaining == 0 && endsBatch
    }

    /// Whether what was sent last makes the server send all its answers.
    var endsBatch: Bool { expectations.lastEndsBatch }

    /// Whether the client keeps its server connection, by a transaction or by a batch without a Sync, once all is answered.
    public var keepsServerWaiting: Bool { transactionStatus != .idle || lease.isUnsynced }

    /// Has the server answer a batch that no Sync has followed, lest it wait for the client with nobody knowing.
    public func flushBatch() {
        guard !expectations.isEmpty, !endsBatch, lease.flushedUpTo != expectations.lastNumber, copyIn == .no,
            lease.aside == nil, bodyRemaining == 0
        else { return }
        lease.flushedUpTo = expectations.lastNumber
        toServer.appendEmpty(FrontendTag.flush.rawValue)
    }

    /// Whether nothing is under way, not even a transaction: the session can end without loss.
    public var isQuiescent: Bool {
        isRunning && !isBusy && transactionStatus == .idle && isAtMessageBoundary && !hasSaidGoodbye
    }

    /// Whether neither side is in the middle of a message that is being relayed.
    public var isAtMessageBoundary: Bool { bodyRemaining == 0 && serverBodyRemaining == 0 }

    // MARK: Bytes

    /// Shows the session what the client sent and has not been dealt with yet.
    public func receive(fromClient bytes: RawSpan) -> RelayStep {
        switch phase {
        case .running: isInspecting ? RelayStep(.wait) : relayFromClient(bytes)
        case .startup: startUp(bytes)
        case .leasing, .greeting: RelayStep(.wait)
        case .ended: RelayStep(.close)
        }
    }

    /// Shows the session what its server sent and has not been dealt with yet.
    public func receive(fromServer bytes: RawSpan) -> RelayStep {
        if case .ended = phase { return RelayStep(discard: bytes.byteCount, .proceed) }
        return relayFromServer(bytes)
    }

    /// Hands over what a worker made of `textToInspect`; then show the client's bytes again.
    public func inspected(_ parsed: ParsedText) {
        isInspecting = false
        inspectedElsewhere = InspectedElsewhere(text: textToInspect, parsed: parsed)
        textToInspect = []
    }

    /// As much storage as an outbox keeps, so that idle sessions cost little.
    private static let keptStorage = 256
    /// Empties the outbox to the client once it has been sent.
    public func clearToClient() { toClient.removeAll(keepingCapacity: toClient.capacity <= Self.keptStorage) }
    /// Empties the outbox to the server once it has been sent.
    public func clearToServer() { toServer.removeAll(keepingCapacity: toServer.capacity <= Self.keptStorage) }

    // MARK: The server connection

    /// What the session's hold on its server connection is worth, once the server has spoken.
    public enum LeaseEnd {
        /// Something is under way, or the session keeps the connection for life.
        case busy
        /// Nothing is under way, but only this connection has what the session left on it. Keep it attached; for somebody
        /// else's sake it may be detached and given to `ServerState.preparation`.
        case revocable
        /// Detach it and give it to somebody else.
        case free
    }

    /// Whether the server connection can be given back.
    public var leaseEnd: LeaseEnd {
        guard poolMode == .transaction, !lease.isUnsynced, isQuiescent, lease.restores.isEmpty,
            lease.arrangement == .none, let server
        else { return .busy }
        return server.isHeld(by: self) ? .revocable : .free
    }

    /// Whether a server connection can go on without this session, at most in a transaction to be rolled back.
    public var canLeaveServer: Bool {
        isRunning && !isBusy && !lease.isUnsynced && isAtMessageBoundary && !hasSaidGoodbye
    }

    /// A server connection is there. The first time, the client learns what PostgreSQL tells after authentication.
    ///
    /// - Parameter key: what the client may cancel its statements with, the same for all the session's life.
    public func attach(_ server: ServerState, key: CancelKey) {
        self.server = server
        guard case .leasing = phase else {
            if told.fingerprint != server.parameters.fingerprint, let serverRequest {
                greetings.compare(server.parameters, for: serverRequest, settings)
            }
            if poolMode == .transaction, !server.hasStatementsFromSQL(of: self) { names.forgetFromSQL() }
            return tellParameters()
        }
        if poolMode == .transaction, let serverRequest {
            greetings.insert(server.parameters, for: serverRequest, settings)
        }
        greet(server.parameters, server.parameters.messages, key)
    }

    /// The session is told what servers have told others, without one.
    public func greet(key: CancelKey) {
        guard case .greeting(let parameters, let messages) = phase else { return }
        greet(parameters, messages, key)
    }

    private func greet(_ parameters: ServerParameters, _ messages: [UInt8], _ key: CancelKey) {
        toClient += messages
        toClient.appendBackendKeyData(processID: key.processID, secret: key.secret)
        toClient.appendReadyForQuery(.idle)
        told = parameters
        transactionStatus = .idle
        phase = .running
        noteBegin()
    }

    /// Tells the client what this server has reported otherwise than the last one: mostly nothing.
    func tellParameters() {
        guard poolMode == .transaction, let server, told.fingerprint != server.parameters.fingerprint else { return }
        for (name, value) in server.parameters.all where told[name] != value {
            toClient.appendParameterStatus(name: name, value: value)
        }
        told = server.parameters
    }

    /// The server connection goes to somebody else, as `leaseEnd` allowed.
    public func detach() { server = nil }

    /// The message that made the session ask for a server connection will not get one: it is answered with this error,
    /// or ends the session where there is none yet. Then show the client's bytes again.
    public func refuseLease(_ error: ErrorResponse) {
        guard isRunning else { return end(error) }
        refusalOfLease = Substitute(error, yieldsToAbortedTransaction: false)
    }

    /// Ends the session with a last word, FATAL by nature; without one where it would land in the middle of a message.
    public func end(_ error: ErrorResponse) {
        var fatal = error
        fatal.severity = .fatal
        if serverBodyRemaining == 0 || serverBodyIsDropped { toClient.append(fatal) }
        noteEnd(fatal)
        phase = .ended
    }
}
