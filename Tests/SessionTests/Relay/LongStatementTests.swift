import PostgresWire
import SQLInspection
import Testing

@testable import Session

/// While a worker parses a statement, the rest of the session goes on; its answer is for that statement and no other.
@Suite("A statement that a worker parses")
struct LongStatementTests {
    private static let long = "SELECT '" + String(repeating: "x", count: 40_000) + "' || ''"
    private static let refusal = "Q SELECT NULL::pg_catalog.\"denied by pgml-gateway\""

    private func parsed(_ text: [UInt8]) -> ParsedText { unsafe SQLParser.parse(text.span.bytes) }

    @Test("is handed over once, whatever the server says meanwhile")
    func once() {
        let script = SessionScript()
        script.client(Frames.query("SELECT 1"), Frames.query(Self.long))
        #expect(script.last == .inspect)
        let text = script.session.textToInspect
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        script.client()
        #expect(script.last == .wait)
        script.session.inspected(parsed(text))
        #expect(script.client().server == ["Q \(Self.long)"])
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(script.client(Frames.query("SELECT forbidden()")).server == [Self.refusal])
    }

    @Test("leaves nothing to judge another by when an error skips it")
    func skipped() {
        let script = SessionScript()
        script.client(Frames.parse("a", "SELECT nope"), Frames.parse("b", Self.long))
        #expect(script.last == .inspect)
        let text = script.session.textToInspect
        script.server(Frames.error("42703"))
        script.session.inspected(parsed(text))
        #expect(script.client(Frames.sync).server == ["S"])
        script.server(Frames.ready("I"))
        #expect(script.client(Frames.query("SELECT forbidden()")).server == [Self.refusal])
        script.server(Frames.error("42704"), Frames.ready("I"))
        #expect(script.client(Frames.query("SELECT forbidden()")).server == [Self.refusal])
    }
}
