import PostgresWire
import Testing

@testable import Session

@Suite("Errands to a server connection")
struct ServerErrandTests {
    private static func errand(_ parts: ServerErrand.Part...) -> ServerErrand {
        ServerErrand(parts, parameters: ServerParameters())
    }

    /// The SQL of an errand's Query.
    private static func text(_ parts: ServerErrand.Part...) -> String {
        let message = ServerErrand(parts, parameters: ServerParameters()).message
        return String(decoding: message.dropFirst(5).dropLast(), as: UTF8.self)
    }

    private static func row(_ values: String?...) -> [UInt8] {
        var body: [UInt8] = []
        body.append(int16: Int16(values.count))
        for value in values {
            body.append(int32: Int32(value?.utf8.count ?? -1))
            body += Array((value ?? "").utf8)
        }
        return Frames.message("D", body)
    }

    private static let header = Frames.message("T", [0, 0])
    private static func parameter(_ name: String, _ value: String) -> [UInt8] {
        Frames.message("S", Array("\(name)\0\(value)\0".utf8))
    }

    /// Shows `bytes` to an errand, `size` at a time. Answers how it went, in a line.
    private static func show(_ bytes: [UInt8], to errand: inout ServerErrand, size: Int = .max) -> String {
        var (held, rest, notifications) = ([UInt8](), bytes[...], 0)
        while true {
            let shown = held
            switch unsafe errand.receive(shown.span.bytes) {
            case .proceed(let consumed): held.removeFirst(consumed)
            case .notification(let consumed):
                held.removeFirst(consumed)
                notifications += 1
            case .needMore(let needed):
                guard needed > held.count else { return "asks for what it has" }
                guard !rest.isEmpty else { return "needs more" }
                held += rest.prefix(size)
                rest = rest.dropFirst(size)
            case .done(let consumed):
                guard consumed == held.count, rest.isEmpty else { return "left bytes over" }
                return notifications == 0 ? "done" : "done, \(notifications) notified"
            case .failed(let error): return "\(error.severity.rawValue) \(error.sqlState) \(error.message)"
            }
        }
    }

    // MARK: What is sent

    @Test("one Query has all parts in their order")
    func order() {
        let text = Self.text(
            .rollback,
            .reset(["a"]),
            .set([.init(name: "b", value: "x")]),
            .discardSequences,
            .resetAll
        )
        #expect(
            text == "ROLLBACK; SELECT pg_catalog.set_config(E'a', NULL, false) IS NULL; "
                + "SELECT pg_catalog.set_config(E'b', E'x', false) IS NULL; DISCARD SEQUENCES; RESET ALL"
        )
        #expect(Self.errand(.rollback).message.first == UInt8(ascii: "Q"))
    }

    @Test("DISCARD ALL stands alone, and its parts where there are others")
    func discardAll() {
        #expect(Self.text(.discardAll) == "DISCARD ALL")
        let together = Self.text(.rollback, .discardAll)
        #expect(together.hasPrefix("ROLLBACK; CLOSE ALL; ") && !together.contains("DISCARD ALL"))
    }

    @Test(
        "no value can end its literal, under any settings",
        arguments: [
            ("plain", "E'plain'"), ("", "E''"), ("'; DROP TABLE t; --", "E'''; DROP TABLE t; --'"),
            ("\\'", "E'\\\\'''"), ("a\\", "E'a\\\\'"), ("\u{e9}", "E'\\U000000e9'"), ("\u{1f600}", "E'\\U0001f600'"),
            ("a\nb\u{7f}", "E'a\\U0000000ab\\U0000007f'"), ("a\0b", "E'ab'"), ("e\u{301}", "E'e\\U00000301'"),
        ]
    )
    func literals(value: String, literal: String) {
        #expect(value.sqlLiteral == literal)
        let message = Self.errand(.set([.init(name: value, value: value)]), .ask([value]), .reset([value])).message
        #expect(message.dropFirst(5).dropLast().allSatisfy { $0 >= 0x20 && $0 < 0x7f })
    }

    @Test("what cannot be asked about is not")
    func unprobed() {
        let unasked: PinReasons = [.sequences, .randomSeed, .loadedCode, .frozenLiteral, .unknown]
        #expect(Self.text(.probe(unasked, loginUser: "pg")) == "")
        #expect(Self.text(.probe(unasked.union(.listens), loginUser: "pg")).hasPrefix("SELECT EXISTS"))
        #expect(Self.text(.probe(.role, loginUser: "o'x")).contains("E'o''x'"))
    }

    // MARK: What comes back

    private static let everything: [ServerErrand.Part] = [
        .rollback, .ask(["a", "b", "c"]), .askAll, .probe([.listens, .role, .unknown], loginUser: "pg"),
        .set([.init(name: "a", value: "x")]),
    ]

    private static let everythingAnswered: [UInt8] =
        Frames.message("N", Array("SWARNING\0\0".utf8)) + Frames.complete("ROLLBACK") + header
        + row("1", nil, "a\\\\b\\303\\251") + Frames.complete("SELECT 1") + header + row("TimeZone", "UTC")
        + row("my.own", "")
        + Frames.complete("SELECT 2") + header + row("f", "t") + Frames.complete("SELECT 1")
        + parameter("application_name", "x") + header + row("x") + Frames.complete("SELECT 1") + Frames.ready("I")

    @Test("answers are told apart by their statements, at once and byte by byte", arguments: [Int.max, 1, 7])
    func answers(size: Int) {
        var errand = ServerErrand(Self.everything, parameters: ServerParameters())
        #expect(Self.show(Self.everythingAnswered, to: &errand, size: size) == "done")
        #expect(errand.findings.values == ["a": "1", "b": nil, "c": "a\\b\u{e9}"])
        #expect(errand.findings.all == ["timezone": "UTC", "my.own": ""])
        #expect(errand.findings.pins == .role)
        #expect(errand.parameters["application_name"] == "x")
    }

    @Test("what SET TRANSACTION left is not a setting of the session's")
    func transactionSettings() {
        var errand = Self.errand(.askAll)
        let rows = [("transaction_isolation", "serializable"), ("work_mem", "2MB"), ("transaction_read_only", "on")]
        let answer =
            Self.header + rows.flatMap { Self.row($0.0, $0.1) } + Frames.complete("SELECT 3") + Frames.ready("I")
        #expect(Self.show(answer, to: &errand) == "done")
        #expect(errand.findings.all == ["work_mem": "2MB"])
    }

    @Test("every beginning of an answer waits for more")
    func cutShort() {
        for count in 0..<Self.everythingAnswered.count {
            var errand = ServerErrand(Self.everything, parameters: ServerParameters())
            #expect(Self.show(Array(Self.everythingAnswered[..<count]), to: &errand) == "needs more")
        }
    }

    @Test("settings of any number are asked for in several rows")
    func manySettings() {
        let names = (0..<120).map { "n\($0)" }
        var errand = Self.errand(.ask(names))
        var answer: [UInt8] = []
        for first in stride(from: 0, to: 120, by: 50) {
            var body: [UInt8] = []
            let chunk = names[first..<min(first + 50, 120)]
            body.append(int16: Int16(chunk.count))
            for name in chunk {
                body.append(int32: Int32(name.utf8.count))
                body += Array(name.utf8)
            }
            answer += Self.header + Frames.message("D", body) + Frames.complete("SELECT 1")
        }
        #expect(Self.show(answer + Frames.ready("I"), to: &errand) == "done")
        #expect(errand.findings.values == Dictionary(uniqueKeysWithValues: names.map { ($0, $0) }))
    }

    @Test("an errand of nothing is an empty query")
    func empty() {
        var errand = ServerErrand([], parameters: ServerParameters())
        #expect(Self.show(Frames.message("I") + Frames.ready("I"), to: &errand) == "done")
    }

    @Test("a notification is for the session that holds the connection")
    func notification() {
        var errand = Self.errand(.discardSequences)
        let notification = Frames.message("A", [0, 0, 0, 1, 0x61, 0, 0])
        let answer = notification + Frames.complete("DISCARD SEQUENCES") + notification + Frames.ready("I")
        #expect(Self.show(answer, to: &errand) == "done, 2 notified")
    }

    @Test("an error is the server's own")
    func refusal() {
        var errand = Self.errand(.set([.init(name: "datestyle", value: "x")]))
        let text = "SFEHLER\0VERROR\0C22023\0Minvalid value\0Dbecause\0Hdo\0\0"
        let bytes = Frames.message("E", Array(text.utf8))
        guard case .failed(let error) = unsafe errand.receive(bytes.span.bytes) else {
            Issue.record("an error was passed over")
            return
        }
        #expect(
            error
                == ErrorResponse(SQLState(rawValue: "22023"), "invalid value", detail: "because", hint: "do")
        )
        var fatal = Self.errand(.discardAll)
        #expect(Self.show(Frames.error("57P01", severity: "FATAL"), to: &fatal) == "FATAL 57P01 server says 57P01")
    }

    @Test(
        "whatever nobody asked for ends the connection",
        arguments: [
            Frames.ready("I"), Frames.complete("ROLLBACK") + Frames.ready("T"), Frames.bindComplete, Frames.copyIn,
            Frames.complete("ROLLBACK") + Frames.ready("E"), Frames.complete("ROLLBACK") + Frames.complete("SELECT 1"),
            Frames.complete("ROLLBACK") + row("1"), Frames.message("I"), Frames.message("S", [0x61]),
            [0x43, 0, 0, 0, 1], [0x44, 0x7f, 0, 0, 0], Array("HTTP/1.1 400".utf8), Frames.message("Z", []),
        ]
    )
    func unasked(bytes: [UInt8]) {
        var errand = Self.errand(.rollback)
        #expect(Self.show(bytes, to: &errand) == "ERROR 08006 the upstream does not answer as PostgreSQL does")
    }

    @Test(
        "a row that is not what was asked for ends the connection",
        arguments: [
            [], [0], [0, 1], [0, 1, 0, 0, 0, 2, 0x61], [0, 1, 0xff, 0xff, 0xff, 0xfe], [0, 0], [0x7f, 0xff],
            [0, 1, 0, 0, 0, 1, 0x61, 0x62], [0, 1, 0, 0, 0, 1, 0x5c], [0, 1, 0, 0, 0, 4, 0x5c, 0x39, 0x30, 0x30],
            [0, 2, 0, 0, 0, 0, 0, 0, 0, 0], [0xff, 0xff],
            [0, 1, 0x7f, 0xff, 0xff, 0xff],
        ] as [[UInt8]]
    )
    func malformedRows(body: [UInt8]) {
        var errand = Self.errand(.ask(["a"]))
        let answer = Self.header + Frames.message("D", body)
        #expect(Self.show(answer, to: &errand) == "ERROR 08006 the upstream does not answer as PostgreSQL does")
    }
}
