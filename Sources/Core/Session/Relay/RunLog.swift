import DequeModule
import PostgresWire

/// One statement that was sent to the server and has not ended.
struct Run {
    let verdict: Verdict
    /// Its place among the verdict's statements.
    let index: Int
    /// The number of the message that runs it, among the session's expectations.
    let message: Int
    /// When it was judged, by the reactor's clock.
    let start: UInt64
    /// What the server had sent by then.
    let bytes: UInt64
    let text: StatementText?
}

/// A statement's text as its client sent it: kept where an observer wants it.
final class StatementText {
    let text: String

    init(_ bytes: RawSpan) { text = bytes.string(0..<bytes.byteCount) }
}

/// The statements under way, eldest first: mostly one, for which nothing is allocated.
struct RunLog {
    private(set) var first: Run?
    private var rest = Deque<Run>()

    mutating func append(_ run: Run) {
        if first == nil { first = run } else { rest.append(run) }
    }

    mutating func removeFirst() -> Run? {
        defer { first = rest.popFirst() }
        return first
    }
}
