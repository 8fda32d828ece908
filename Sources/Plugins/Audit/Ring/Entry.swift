import PluginAPI
import PostgresWire

/// One thing to be recorded, on its way from a reactor to the writer: small, since there is one for each statement. What
/// few of them have is aside.
///
/// Unique, so that it is moved on its way: to copy it is to count three references up and down.
struct Entry: ~Copyable {
    enum Event {
        case allowed, suspended, failed, cancelled, aborted, unanswered, denied
        case intent, report
        case sessionBegan, sessionRefused, sessionEnded
    }

    var event: Event
    var isRewritten = false
    /// The place among the statements of a Query, and how many they are.
    var index: Int32 = 0
    var count: Int32 = 1
    let session: Int
    /// In nanoseconds.
    var duration: UInt64 = 0
    var bytes: UInt64 = 0
    var rows: UInt64?
    let identity: IdentityFragment
    var statement: StatementFragment?
    private(set) var details: EntryDetails?

    init(_ event: Event, session: Int, identity: IdentityFragment) {
        self.event = event
        self.session = session
        self.identity = identity
    }

    /// Where to put what few entries have.
    mutating func describe() -> EntryDetails {
        if let details { return details }
        let made = EntryDetails()
        details = made
        return made
    }
}

/// An entry that waits elsewhere than in its ring.
final class KeptEntry: Sendable {
    let entry: Entry

    init(_ entry: consuming Entry) { self.entry = entry }
}

/// What few entries have.
///
/// Unchecked: it is put together on the reactor, handed over with its entry, and changed by nobody then.
final class EntryDetails: @unchecked Sendable {
    /// Why it was refused, or has failed.
    var denial: DenialDetail?
    /// The client's own text.
    var text: String?
    /// The text that was sent instead.
    var replacement: String?
    var note: AdmissionNote?
    /// A message waits until this record is on disk.
    ///
    /// `isVital`: where it cannot be brought to disk, the message must not go on.
    var waiter: (pending: PendingAdmission, isVital: Bool)?
}

/// Why something was refused.
final class DenialDetail: Sendable {
    let sqlState: SQLState
    /// nil where it might quote a statement.
    let message: String?
    let file: String?
    let rule: String?

    init(sqlState: SQLState, message: String? = nil, file: String? = nil, rule: String? = nil) {
        self.sqlState = sqlState
        self.message = message
        self.file = file
        self.rule = rule
    }
}

/// What the gate has found out when it let a message pass, told with the outcome of its statements.
final class AdmissionNote: Sendable {
    /// For each statement of the message, what it calls with what: JSON members, each after a comma.
    let calls: [[UInt8]]
    /// The number of the intent among those of its ring; nil where none was written.
    let intent: Int?

    init(calls: [[UInt8]], intent: Int?) {
        self.calls = calls
        self.intent = intent
    }
}
