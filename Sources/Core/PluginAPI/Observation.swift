public import PostgresWire
public import SQLInspection

/// Sees what became of statements and sessions, and decides nothing.
public protocol SessionObserver: Plugin {
    /// The observer of sessions of this identity. Asked once for each identity on each reactor; it is used by that reactor
    /// alone, and what observers share must be safe to reach from several threads.
    func observer(of session: SessionIdentity) -> any OutcomeObserver
    /// The chain that it is part of is about to come into force: what it writes to is opened. What it throws stops the
    /// start, or the reload. Not called where a chain is only looked at. Again for each chain that it is part of.
    func begin() throws
    /// The process is about to end, and all sessions have: nothing more will be told. Called off the reactors; it may take
    /// its time, as long as an operator would wait.
    func finish()
}

extension SessionObserver {
    /// Nothing has to be opened.
    public func begin() throws {}
    /// Nothing is left to be done.
    public func finish() {}
}

/// What is told about the sessions of one identity on one reactor. Hooks run on the reactor: they must not block.
public protocol OutcomeObserver: AnyObject {
    /// Whether `StatementOutcome.text` is wanted: texts are kept until their statements have ended.
    var wantsTexts: Bool { get }
    /// A statement has ended. Each one that was judged does so exactly once: it was refused, completed, failed, was
    /// cancelled, or was skipped.
    func statementEnded(_ outcome: borrowing StatementOutcome)
    /// A plugin with `mode = "report"` would have refused what a statement is about to be run with: its parameters, or that it
    /// runs now. What it would have refused of the text is in `JudgedStatement.reports`.
    func wouldBeRefused(_ event: borrowing ReportEvent)
    /// A session has begun, or was turned away; exactly one of the two, once it is known who it is.
    func sessionBegan(_ event: borrowing SessionEvent)
    /// A session that had begun has ended, whatever happened; exactly once.
    func sessionEnded(_ event: borrowing SessionEvent)
}

extension OutcomeObserver {
    /// Nobody cares.
    public func wouldBeRefused(_ event: borrowing ReportEvent) {}
}

/// A refusal that was not enforced.
public struct ReportEvent: ~Copyable {
    /// Whose statement it is.
    public let session: SessionIdentity
    /// Which of the process's sessions it is, numbered from 1.
    public let sessionNumber: Int
    /// The statement; nil where only the types of its parameters were looked at.
    public let statement: JudgedStatement?
    /// Who would have refused it, and why.
    public let report: JudgedStatement.Report

    /// An event of this session.
    public init(
        session: SessionIdentity,
        sessionNumber: Int,
        statement: JudgedStatement?,
        report: JudgedStatement.Report
    ) {
        self.session = session
        self.sessionNumber = sessionNumber
        self.statement = statement
        self.report = report
    }
}

/// A statement as the chain has judged it. Kept as long as its verdict, so what observers make of it is made once.
public final class JudgedStatement {
    /// What it does.
    public let facts: StatementFacts
    /// The text with `$n` in the place of every constant; empty when there is none to be had.
    public let normalizedText: String
    /// Of the normalized text: equal for statements that differ in constants only.
    public let fingerprint: UInt64
    /// What would have been refused if its plugin enforced.
    public let reports: [Report]
    /// A few at most, so that to look through them costs less than to hash a key.
    private var attachments: [(key: ObjectIdentifier, value: AnyObject)] = []

    /// What a plugin with `mode = "report"` would have done.
    public struct Report: Sendable {
        /// The plugin's file.
        public let file: String
        /// Its denial.
        public let denial: Denial

        /// A denial that was not enforced.
        public init(file: String, denial: Denial) {
            self.file = file
            self.denial = denial
        }
    }

    /// A statement with this text.
    public init(facts: StatementFacts, normalizedText: String, fingerprint: UInt64, reports: [Report] = []) {
        self.facts = facts
        self.normalizedText = normalizedText
        self.fingerprint = fingerprint
        self.reports = reports
    }

    /// What gate or observer has attached under its own key. Confined to the reactor.
    public func attachment(of key: ObjectIdentifier) -> AnyObject? {
        for attachment in attachments where attachment.key == key { return attachment.value }
        return nil
    }

    /// Keeps something with the statement, in the place of what was attached under this key before.
    public func attach(_ value: AnyObject, of key: ObjectIdentifier) {
        // Assigned as a whole: as long as nothing changes it in place, looking at it needs no check for exclusive access.
        attachments = attachments.filter { $0.key != key } + [(key, value)]
    }
}

/// How a statement ended.
public enum Outcome: Sendable {
    /// As the server tells; its words are in `StatementOutcome.tag`.
    case completed(Completion)
    /// The server refused it.
    case failed(SQLState)
    /// The server was told to stop it (57014).
    case cancelled
    /// An error before it kept it from running.
    case aborted
    /// Its session ended before the server had answered: it may have run.
    case unanswered
    /// A plugin or the gateway itself refused it: the server has never seen it.
    case denied(Denied)

    /// Who has refused a statement, and why. An object, so that an outcome of any kind is small to hand on.
    public final class Denied: Sendable {
        /// The code that the client was told.
        public let sqlState: SQLState
        /// The message that the client was told.
        public let message: String
        /// The plugin's file; nil where the gateway itself has refused.
        public let file: String?
        /// The plugin's rule.
        public let rule: String?

        /// A refusal.
        public init(sqlState: SQLState, message: String, file: String?, rule: String?) {
            self.sqlState = sqlState
            self.message = message
            self.file = file
            self.rule = rule
        }
    }
}

/// How one statement ended, with what it cost.
///
/// Lent to a hook: it ends with the hook, and so may look at the message that the server has just sent.
@safe
public struct StatementOutcome: ~Copyable {
    /// Whose statement it was.
    public let session: SessionIdentity
    /// Which of the process's sessions it was, numbered from 1.
    public let sessionNumber: Int
    /// The statement; nil where the gateway refused something that is none, or could not be read.
    public let statement: JudgedStatement?
    /// Its place among the statements of its Query, from 0, and how many there are.
    public let place: (index: Int, count: Int)
    /// How it ended.
    public let outcome: Outcome
    /// From its judgement to its end, by the reactor's clock, in nanoseconds.
    public let duration: UInt64
    /// Bytes of the server's answer.
    public let bytes: UInt64
    /// The text as the client sent it, where the observer wants it and the message brought it.
    public let text: String?
    /// Whether another text was sent in its place.
    public let isRewritten: Bool
    /// That text, where the observer wants texts.
    public let replacement: String?
    @usableFromInline let notes: AdmissionNotes?
    @usableFromInline let tagBytes: UnsafeRawBufferPointer

    /// An outcome with these values.
    ///
    /// - Parameter tag: what the server said of its completion. The bytes must stay where they are as long as the outcome.
    @inlinable @inline(__always)
    public init(
        session: SessionIdentity,
        sessionNumber: Int,
        statement: JudgedStatement?,
        place: (index: Int, count: Int),
        outcome: Outcome,
        duration: UInt64,
        bytes: UInt64,
        text: String?,
        isRewritten: Bool,
        replacement: String?,
        notes: AdmissionNotes? = nil,
        tag: RawSpan = RawSpan()
    ) {
        unsafe tagBytes = tag.withUnsafeBytes { unsafe $0 }
        self.session = session
        self.sessionNumber = sessionNumber
        self.statement = statement
        self.place = place
        self.outcome = outcome
        self.duration = duration
        self.bytes = bytes
        self.text = text
        self.isRewritten = isRewritten
        self.replacement = replacement
        self.notes = notes
    }

    /// What the server said of its completion: `INSERT 0 5`. nil where it said nothing of the kind. Made for who asks.
    public var tag: String? {
        unsafe tagBytes.isEmpty ? nil : String(decoding: tagBytes, as: UTF8.self)
    }

    /// What `owner` has kept with the message that ran the statement; see `AdmissionEvent.keep`.
    public func note(of owner: AnyObject) -> AnyObject? { notes?.note(of: owner) }
}

/// The beginning or the end of a session.
public struct SessionEvent: ~Copyable {
    /// Whose.
    public let session: SessionIdentity
    /// Which of the process's sessions it is, numbered from 1.
    public let sessionNumber: Int
    /// Why it was turned away or ended by the gateway or the server; nil for one that the client ended, or that begins.
    public let error: ErrorResponse?

    /// An event of this session.
    public init(session: SessionIdentity, sessionNumber: Int, error: ErrorResponse?) {
        self.session = session
        self.sessionNumber = sessionNumber
        self.error = error
    }
}
