import DequeModule
import PluginAPI
import PostgresWire

/// One statement that was sent to the server and has not ended. Unique, so that it goes in and out without being copied.
struct Run: ~Copyable {
    let verdict: Verdict
    /// Its place among the verdict's statements.
    let index: Int
    /// Whether an Execute runs it, and not a Query.
    let isExecute: Bool
    /// Whether it is what the FETCH before it runs, of what was bound to a portal: it ends with that.
    let isCompanion: Bool
    /// The number of the message that runs it, among the session's expectations.
    let message: Int
    /// When it was judged, by the reactor's clock.
    let start: UInt64
    /// What the server had sent by then.
    let bytes: UInt64
    let text: StatementText?
    /// What gates have kept with the message.
    let notes: AdmissionNotes?
}

/// The only statement that was sent to the server and has not ended, the first of its text, of which nothing else is kept:
/// what is under way nearly always. A session has it at hand, so that no log is needed. Unique, as `Run`.
struct PlainRun: ~Copyable {
    let verdict: Verdict
    /// See `Run`.
    let isExecute: Bool
    /// See `Run`.
    let message: Int
    let start: UInt64
    let bytes: UInt64
}

extension Run {
    init(_ plain: consuming PlainRun) {
        self.init(
            verdict: plain.verdict,
            index: 0,
            isExecute: plain.isExecute,
            isCompanion: false,
            message: plain.message,
            start: plain.start,
            bytes: plain.bytes,
            text: nil,
            notes: nil
        )
    }
}

/// A statement's text as its client sent it: kept where an observer wants it.
final class StatementText {
    let text: String

    init(_ bytes: RawSpan) { text = bytes.string(0..<bytes.byteCount) }
}

/// What a session has under way for observers. Sessions of a reactor take turns with a few of these: an idle one has none.
final class RunLog {
    private var runs = UniqueDeque<Run>()
    /// What was bound to portals.
    var portals = PortalStatements()

    /// The message that runs the first.
    var firstMessage: Int? { runs.isEmpty ? nil : runs[0].message }

    /// Whether the first has ended already, with the one that was before it.
    var firstIsCompanion: Bool { !runs.isEmpty && runs[0].isCompanion }

    func append(_ run: consuming Run) { runs.append(run) }

    func takeFirst() -> Run? { runs.isEmpty ? nil : runs.removeFirst() }

    /// As new, but for its storage.
    func clear() {
        runs.removeAll()
        portals.removeAll()
    }
}
