import Testing

@testable import Allowlist

@Suite("The strict JSON reader")
struct JSONReaderTests {
    @Test(
        "Reads what is plainly JSON",
        arguments: [
            ("null", .null), (" true ", .boolean(true)), ("-0.5e+3", .number("-0.5e+3")), ("0", .number("0")),
            (#""a\n\u0041\ud83d\ude00\/""#, .string("a\nA😀/")),
            ("[]", .array([])), ("[1, [2]]", .array([.number("1"), .array([.number("2")])])),
            ("{}", .object([])),
            (
                #"{"a": {"b": null}, "c": [false]}"#,
                .object([
                    .init("a", .object([.init("b", .null)])), .init("c", .array([.boolean(false)])),
                ])
            ),
        ] as [(String, JSONValue)]
    )
    func reads(text: String, value: JSONValue) throws {
        #expect(try JSONReader.read(text) == value)
    }

    @Test(
        "Refuses the same key twice, however it is spelled",
        arguments: [
            #"{"a": 1, "a": 1}"#, #"{"a": 1, "\u0061": 2}"#, #"{"\u0061": 1, "\u0061": 2}"#,
            #"{"x": {"b": 1, "c": 2, "b": 3}}"#, #"[{"": 1, "": 2}]"#,
        ]
    )
    func duplicates(text: String) {
        #expect(throws: JSONReader.Problem.duplicateKey) { try JSONReader.read(text) }
    }

    @Test("Takes keys for different that only look alike, as jsonb does")
    func lookAlikes() throws {
        let value = try JSONReader.read("{\"\u{212A}\": 1, \"K\": 2, \"e\u{301}\": 3, \"\u{E9}\": 4}")
        guard case .object(let members) = value else { Issue.record("no object"); return }
        #expect(members.count == 4)
    }

    @Test(
        "Refuses what two readers could disagree about",
        arguments: [
            "", " ", "{", "}", "[1", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\" 1}", "{1: 2}", "{\"a\":}",
            "01", "+1", "1.", ".5", "1e", "-", "0x10", "NaN", "Infinity", "--1", "1 2", "{} {}", "{}x", "[]]",
            "\"a", "\"\u{1}\"", "\"\t\"", #""\x41""#, #""\u00""#, #""\u00zz""#, #""\u0000""#, #""\ud800""#,
            #""\ud800\u0041""#, #""\udc00""#, "tru", "True", "nul", "// a\n1", "/**/1", "\u{FEFF}1", "\u{A0}1",
            "1\u{B}",
        ]
    )
    func refuses(text: String) {
        #expect(throws: JSONReader.Problem.malformed) { try JSONReader.read(text) }
    }

    @Test("Goes no deeper than its bound")
    func depth() throws {
        let open = String(repeating: "[", count: JSONReader.depthLimit)
        let close = String(repeating: "]", count: JSONReader.depthLimit)
        _ = try JSONReader.read(open + "1" + close)
        #expect(throws: JSONReader.Problem.tooDeep) { try JSONReader.read("[" + open + "1" + close + "]") }
        #expect(throws: JSONReader.Problem.tooDeep) { try JSONReader.read(String(repeating: "[", count: 100_000)) }
        #expect(throws: JSONReader.Problem.tooDeep) {
            try JSONReader.read(String(repeating: "{\"a\":", count: 100_000))
        }
    }
}
