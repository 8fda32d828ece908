import PluginAPI
import PostgresWire
import SQLInspection
import Testing

@testable import Session

/// Puts one word in another's place wherever it stands.
private struct Words: StatementRewriter {
    struct Configuration: Decodable {}
    static let kind = "words"

    let word: String
    let other: String

    init(_ word: String, _ other: String) { (self.word, self.other) = (word, other) }
    init(configuration: Configuration, context: PluginContext) throws { self.init("", "") }

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        let text = event.text
        var edited = EditedText(text)
        edited.apply(
            text.ranges(of: word).map { range in
                let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
                return EditedText.Edit(range: start..<start + word.utf8.count, text: other)
            }
        )
        return edited.text == text ? .forward : .edit(edited)
    }
}

/// Notes both texts.
private final class Texts: SessionObserver, OutcomeObserver, @unchecked Sendable {
    struct Configuration: Decodable {}
    static let kind = "texts"

    var heard: [String] = []
    let wantsTexts = true

    init() {}
    init(configuration: Configuration, context: PluginContext) throws {}

    func observer(of session: SessionIdentity) -> any OutcomeObserver { self }
    func statementEnded(_ outcome: borrowing StatementOutcome) {
        heard.append("\(outcome.text ?? "-") => \(outcome.replacement ?? "-")")
    }
    func sessionBegan(_ event: borrowing SessionEvent) {}
    func sessionEnded(_ event: borrowing SessionEvent) {}
}

@Suite("Both texts of a rewritten statement")
struct RewrittenTextTests {
    private let texts = Texts()
    private let script: SessionScript

    init() { script = SessionScript([Words("f()", "longer()"), Words("g()", "forbidden()"), ProbePlugin(), texts]) }

    @Test func `reach observers when it has run`() {
        script.client(Frames.query("SELECT f()"))
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        script.client(Frames.query("SELECT 1"))
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(texts.heard == ["SELECT f() => SELECT longer()", "SELECT 1 => -"])
    }

    @Test func `reach observers when it was refused for what it was rewritten to`() {
        script.client(Frames.query("SELECT f(), g()"))
        script.server(Frames.error("42704"), Frames.ready("I"))
        #expect(texts.heard == ["SELECT f(), g() => SELECT longer(), forbidden()"])
    }

    @Test func `reach observers when the server refuses to prepare it`() {
        script.client(Frames.parse("s", "SELECT f()"), Frames.sync)
        script.server(Frames.error("42704"), Frames.ready("I"))
        #expect(texts.heard == ["SELECT f() => SELECT longer()"])
    }
}

@Suite("Places in errors about rewritten statements")
struct RewrittenPlaceTests {
    @Test func `an edited text knows what was kept`() {
        var text = EditedText("SELECT aa, bb, aa")
        text.apply([.init(range: 7..<9, text: "x"), .init(range: 15..<17, text: "yyyy")])
        #expect(text.text == "SELECT x, bb, yyyy")
        #expect(
            (0..<18).map { text.origin(of: $0) }.map { $0 ?? -1 } == Array(0...6) + [-1] + Array(9...14) + [
                -1, -1, -1, -1,
            ]
        )
        text.apply([.init(range: 0..<6, text: "select"), .init(range: 10..<12, text: "ccc")])
        #expect(text.text == "select x, ccc, yyyy")
        #expect(text.origin(of: 0) == nil)
        #expect(text.origin(of: 6) == 6)
        #expect(text.origin(of: 8) == 9)
        #expect(text.origin(of: 11) == nil)
        #expect(text.origin(of: 13) == 13)
    }

    @Test func `another text keeps what both begin and end with`() {
        var text = EditedText("SELECT ä, b")
        text.become("SELECT ö, b")
        #expect(text.text == "SELECT ö, b")
        #expect(text.origin(of: 6) == 6)
        #expect(text.origin(of: 7) == nil)
        #expect(text.origin(of: 9) == 9)
        for (old, new) in [("", "a"), ("a", ""), ("aa", "a"), ("a", "aa"), ("é", "è"), ("same", "same")] {
            var text = EditedText(old)
            text.become(new)
            #expect(text.text == new)
        }
    }

    @Test func `an edit over an edit is one of the client's text`() {
        var first = EditedText("abcdef")
        first.apply([.init(range: 1..<2, text: "XYZ")])
        var second = EditedText(first.text)
        second.apply([.init(range: 0..<1, text: ""), .init(range: 5..<6, text: "!")])
        #expect(second.text == "XYZc!ef")
        let whole = second.over(first)
        #expect((0..<7).map { whole.origin(of: $0) ?? -1 } == [-1, -1, -1, 2, -1, 4, 5])
    }

    /// The position in what the client gets of an error about `position` of the text that was sent.
    private func position(_ script: SessionScript, _ position: Int, message: String = "no") -> Int? {
        script.server(Frames.error(at: position, message), Frames.ready("I"))
        let fields = Frames.fields(script.lastToClient)
        #expect(fields.contains("C42703") && fields.contains("Fparse.c"))
        return fields.first { $0.hasPrefix("P") }.flatMap { Int($0.dropFirst()) }
    }

    private static let text = "SELECT 'ä', f(), nothing; SELECT f(oops)"
    // What is sent: SELECT 'ä', longer(), nothing; SELECT longer(oops)
    private static let places = [
        (1, 1), (12, 12), (13, nil), (18, nil), (19, 14), (23, 18), (44, nil), (45, 35), (50, 40),
    ]

    @Test(arguments: places)
    func `a place of a Query is told where its client wrote it`(sent: Int, written: Int?) {
        let script = SessionScript([Words("f", "longer"), ProbePlugin()])
        #expect(
            script.client(Frames.query(Self.text)).server == ["Q SELECT 'ä', longer(), nothing; SELECT longer(oops)"]
        )
        #expect(position(script, sent) == written)
        // What follows is not about it.
        script.client(Frames.query("SELECT nothing"))
        #expect(position(script, 8) == 8)
    }

    @Test func `places of a Parse, a Bind and an Execute are told too`() {
        let script = SessionScript([Words("f", "longer"), ProbePlugin()])
        script.client(Frames.parse("s", "SELECT f(oops)"), Frames.sync)
        #expect(position(script, 15) == 10)
        script.client(Frames.parse("s", "SELECT f(oops)"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        script.client(Frames.bind("s"), Frames.execute, Frames.sync)
        #expect(position(script, 15) == 10)
        script.client(Frames.bind("s"), Frames.execute, Frames.sync)
        script.server(Frames.bindComplete)
        #expect(position(script, 15) == 10)
        // The same portal, of a statement that is as its client wrote it.
        script.client(Frames.parse("p", "SELECT oops"), Frames.bind("s"), Frames.bind("p"), Frames.execute, Frames.sync)
        script.server(Frames.parseComplete, Frames.bindComplete, Frames.bindComplete)
        #expect(position(script, 8) == 8)
    }

    @Test func `what EXECUTE runs has no place in its text`() {
        let script = SessionScript([Words("f", "longer"), ProbePlugin()])
        script.client(Frames.query("PREPARE s AS SELECT f(oops)"))
        script.server(Frames.complete("PREPARE"), Frames.ready("I"))
        script.client(Frames.query("EXECUTE s"))
        #expect(position(script, 8) == nil)
    }

    @Test func `an error in a pipeline is about its own statement`() {
        let script = SessionScript([Words("f", "longer"), ProbePlugin()])
        script.client(Frames.query("SELECT 1"), Frames.query("SELECT f(oops)"), Frames.query("SELECT nothing"))
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(position(script, 15) == 10)
        #expect(position(script, 8) == 8)
    }

    @Test func `the words of a very long error end before its place is lost`() {
        let script = SessionScript([Words("f", "longer"), ProbePlugin()])
        script.client(Frames.query("SELECT f(oops)"))
        #expect(position(script, 15, message: String(repeating: "x", count: 100_000)) == 10)
        script.client(Frames.query("SELECT f(oops)"))
        let message = String(repeating: "ä", count: 300_000)
        let error = Frames.error(at: 15, message)
        script.server(Array(error[..<300_000]))
        let fields = Frames.fields(script.lastToClient)
        #expect(script.server(Array(error[300_000...]), Frames.ready("I")).client == ["Z I"])
        #expect(!fields.contains { $0.hasPrefix("P") })
        #expect(
            fields.contains { $0.hasPrefix("Mää") && $0.utf8.count > 200_000 && $0.allSatisfy { $0 != "\u{FFFD}" } }
        )
    }

    @Test func `a denial of what a client wrote in a rewritten statement has its place`() {
        let script = SessionScript([Words("f()", "longer()"), ProbePlugin()])
        script.client(Frames.query("SELECT f(), forbidden()"))
        script.server(Frames.error("42704"), Frames.ready("I"))
        #expect(Frames.fields(script.lastToClient).contains("P13"))
        let other = SessionScript([Words("f()", "forbidden()"), ProbePlugin()])
        other.client(Frames.query("SELECT f()"))
        other.server(Frames.error("42704"), Frames.ready("I"))
        #expect(!Frames.fields(other.lastToClient).contains { $0.hasPrefix("P") })
    }
}
