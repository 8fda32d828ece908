/// Decides whether statements may run at this moment: rate limits, concurrency limits, records that must be kept first.
///
/// Deciders judge what a statement is, and their verdict is remembered; a gate is asked each time one is about to run: for
/// each Query (all its statements), each Bind, and each statement that the deciders have refused.
public protocol AdmissionDecider: Plugin {
    /// The gate for sessions of this identity. Asked once for each identity on each reactor; the gate is used by that
    /// reactor alone, and what gates share must be safe to reach from several threads.
    func gate(for session: SessionIdentity) -> any AdmissionGate
}

/// What stands between admitted statements and the server, for the sessions of one identity on one reactor.
public protocol AdmissionGate: AnyObject {
    /// Whether the statements may run now.
    func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict
    /// Whether the values of the statement's constants and parameters are wanted: they are read for nobody else. Asked when
    /// the statement is judged; the answer holds as long as its verdict.
    func wantsValues(of statement: JudgedStatement) -> Bool
    /// How many statements of which no gate wants values may pass unseen: the gate is then neither asked about them nor told
    /// of their end, and what no gate has to look at costs next to nothing. Asked anew when they have passed, at the latest
    /// after 64 statements or 10 ms: so long it may take until a gate that closes is heeded.
    var allowance: Int { get }
    /// Something that was admitted has ended, one way or another: called exactly once for each `forward`, `delay` and
    /// `pending` of what was not refused before. A `pending` may have been denied or withdrawn by then. What a session
    /// sent before all of it was answered ends together.
    func release(sessionNumber: Int)
}

extension AdmissionGate {
    /// Nothing is wanted.
    public func wantsValues(of statement: JudgedStatement) -> Bool { false }
    /// It is asked about each.
    public var allowance: Int { 0 }
}

/// Statements that are about to run, or that were refused.
public struct AdmissionEvent: ~Copyable {
    /// Whose they are.
    public let session: SessionIdentity
    /// Which of the process's sessions it is, numbered from 1.
    public let sessionNumber: Int
    /// A Query's statements, or the one of a Bind; empty for a text that could not be read.
    public let statements: [JudgedStatement]
    /// Whether a decider or the gateway itself has refused them: they will not run, whatever the gate says. A denial takes
    /// that one's place.
    public let isRefused: Bool
    /// Whether the session keeps a server connection from others meanwhile: who waits then makes others wait.
    public let holdsServer: Bool
    /// The reactor's clock: monotonic, in nanoseconds, as of the reactor's last look at its sockets.
    public let now: UInt64
    private let constants: any StatementConstantSource
    private let parameters: (any ParameterSource)?
    private let executed: [Int: ExecutedStatement]
    private let notes: AdmissionNotes?

    /// An event for statements whose constants and parameters are to be had from these.
    ///
    /// - Parameter executed: what the EXECUTEs among the statements run, by their place.
    public init(
        session: SessionIdentity,
        sessionNumber: Int,
        statements: [JudgedStatement],
        isRefused: Bool,
        holdsServer: Bool,
        now: UInt64,
        constants: any StatementConstantSource,
        parameters: (any ParameterSource)?,
        executed: [Int: ExecutedStatement] = [:],
        notes: AdmissionNotes? = nil
    ) {
        self.session = session
        self.sessionNumber = sessionNumber
        self.statements = statements
        self.isRefused = isRefused
        self.holdsServer = holdsServer
        self.now = now
        self.constants = constants
        self.parameters = parameters
        self.executed = executed
        self.notes = notes
    }

    /// The statement that `statements[statement]` runs, if that is SQL's EXECUTE and it is known what it names.
    public func executed(by statement: Int) -> ExecutedStatement? {
        executed.isEmpty ? nil : executed[statement]
    }

    /// Keeps a note with what is about to run: `StatementOutcome.note(of:)` gives it back with the outcome of each of the
    /// statements, each time that it ran. Of refused statements no note is kept.
    ///
    /// - Parameter owner: the plugin; it has one note at most, the last.
    public func keep(_ note: AnyObject, of owner: AnyObject) {
        notes?.keep(note, of: owner)
    }

    /// The value of a constant of `statements[statement]` in the text at hand; nil when it can no longer be told.
    public func value(ofConstant index: Int, in statement: Int) -> String? {
        constants.value(ofConstant: index, in: statement)
    }

    /// The value of `$number`, counted from 1; `unknown` for a Query.
    public func value(ofParameter number: Int) -> ParameterValue {
        parameters?.value(ofParameter: number) ?? .unknown
    }
}

/// What gates keep with a message until its statements have ended. Confined to the reactor.
public final class AdmissionNotes {
    private var notes: [(owner: ObjectIdentifier, note: AnyObject)] = []

    /// Without a note.
    public init() {}

    /// Whether there is none.
    public var isEmpty: Bool { notes.isEmpty }

    func keep(_ note: AnyObject, of owner: AnyObject) {
        let owner = ObjectIdentifier(owner)
        // As a whole: see JudgedStatement.attach.
        notes = notes.filter { $0.owner != owner } + [(owner, note)]
    }

    func note(of owner: AnyObject) -> AnyObject? {
        let owner = ObjectIdentifier(owner)
        return notes.first { $0.owner == owner }?.note
    }
}

/// Where the values of several statements' constants come from.
public protocol StatementConstantSource {
    /// The value of `statements[statement].facts.constants[index]`; nil when it can no longer be told.
    func value(ofConstant index: Int, in statement: Int) -> String?
}

/// What SQL's EXECUTE runs.
public struct ExecutedStatement {
    /// What was prepared: by SQL's PREPARE, whose own facts these are then, or by Parse.
    public let statement: JudgedStatement
    private let constants: [String]
    private let parameters: (any ParameterSource)?

    /// A prepared statement with its constants and EXECUTE's arguments, as far as a gate wants them.
    public init(statement: JudgedStatement, constants: [String], parameters: (any ParameterSource)?) {
        self.statement = statement
        self.constants = constants
        self.parameters = parameters
    }

    /// The value of a constant of the prepared statement; nil when it can no longer be told.
    public func value(ofConstant index: Int) -> String? {
        constants.indices.contains(index) ? constants[index] : nil
    }

    /// EXECUTE's argument for `$number`, counted from 1.
    public func value(ofParameter number: Int) -> ParameterValue {
        parameters?.value(ofParameter: number) ?? .unknown
    }
}

/// Answers to whether statements may run now.
public enum AdmissionVerdict: Sendable {
    case forward
    /// Forward, but not before the reactor's clock shows this many nanoseconds. The client waits.
    case delay(until: UInt64)
    /// Forward once the decision is there. The client waits.
    case pending(PendingAdmission)
    case deny(Denial)
}
