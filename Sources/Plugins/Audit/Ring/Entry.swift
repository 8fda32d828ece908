import PluginAPI
import PostgresWire

/// One thing to be recorded, on its way from a reactor to the writer.
struct Entry {
    enum Event {
        case allowed(rows: UInt64?, isSuspended: Bool)
        case failed(SQLState)
        case cancelled
        case aborted
        case denied(DenialDetail)
        /// A message waits until this record is on disk; nil but for the last of its statements.
        ///
        /// `isVital`: where it cannot be brought to disk, the message must not go on.
        case intent(PendingAdmission?, isVital: Bool)
        case sessionBegan
        case sessionRefused(DenialDetail)
        case sessionEnded(DenialDetail?)
    }

    let event: Event
    let session: Int
    let identity: IdentityFragment
    var statement: StatementFragment?
    var index = 0
    var count = 1
    /// In nanoseconds.
    var duration: UInt64 = 0
    var bytes: UInt64 = 0
    var text: String?
    var isRewritten = false
    /// The text that was sent instead.
    var replacement: String?
    var note: AdmissionNote?
}

/// Why something was refused.
final class DenialDetail: Sendable {
    let sqlState: SQLState
    /// nil where it might quote a statement.
    let message: String?
    let file: String?
    let rule: String?

    init(sqlState: SQLState, message: String?, file: String?, rule: String?) {
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
