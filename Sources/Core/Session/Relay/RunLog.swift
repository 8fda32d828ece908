import PluginAPI
import PostgresWire

/// One statement that was sent to the server and has not ended.
struct Run {
    let verdict: Verdict
    /// Its place among the verdict's statements.
    let index: Int
    /// Whether an Execute runs it, and not a Query.
    let isExecute: Bool
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

/// A statement's text as its client sent it: kept where an observer wants it.
final class StatementText {
    let text: String

    init(_ bytes: RawSpan) { text = bytes.string(0..<bytes.byteCount) }
}

/// What a session has under way for observers. Sessions of a reactor take turns with a few of these: an idle one has none.
final class RunLog {
    /// From `next` on those that have not ended, in their order. Mostly there is one at a time: it goes in and out without
    /// being copied.
    private var runs: [Run] = []
    private var next = 0
    /// When so many have ended, and half of all, their places are given back.
    private static let mostEnded = 32
    /// What was bound to portals.
    var portals = PortalStatements()

    /// The message that runs the first.
    var firstMessage: Int? { next < runs.count ? runs[next].message : nil }

    func append(_ run: Run) { runs.append(run) }

    func removeFirst() -> Run? {
        guard next < runs.count - 1 else {
            let last = next < runs.count ? runs.removeLast() : nil
            clearRuns()
            return last
        }
        let run = runs[next]
        next += 1
        if next >= Self.mostEnded, 2 * next >= runs.count {
            runs.removeFirst(next)
            next = 0
        }
        return run
    }

    private func clearRuns() {
        if !runs.isEmpty { runs.removeAll(keepingCapacity: true) }
        next = 0
    }

    /// As new, but for its storage.
    func clear() {
        clearRuns()
        portals.removeAll()
    }
}
