import Testing

@testable import SQLInspection

@Suite("Encoding, NUL, lengths and syntax errors")
struct TextCheckTests {
    static let invalid: [([UInt8], String)] = [
        ([0xFF], "0xff"), ([0x80], "0x80"), ([0xC3, 0x28], "0xc3 0x28"), ([0xC0, 0x80], "0xc0 0x80"),
        ([0xC1, 0xBF], "0xc1 0xbf"),
        ([0xC3], "0xc3"), ([0xE2, 0x82], "0xe2 0x82"), ([0xE2, 0x28, 0xA1], "0xe2 0x28 0xa1"),
        ([0xE0, 0x80, 0x80], "0xe0 0x80 0x80"),
        ([0xED, 0xA0, 0x80], "0xed 0xa0 0x80"), ([0xED, 0xBF, 0xBF], "0xed 0xbf 0xbf"),
        ([0xF0, 0x80, 0x80, 0x80], "0xf0 0x80 0x80 0x80"),
        ([0xF4, 0x90, 0x80, 0x80], "0xf4 0x90 0x80 0x80"), ([0xF5, 0x80, 0x80, 0x80], "0xf5 0x80 0x80 0x80"),
        ([0xF0, 0x9F, 0x99], "0xf0 0x9f 0x99"), ([0xF8, 0x88, 0x80, 0x80, 0x80], "0xf8"), ([0xFE], "0xfe"),
        ([0xF0, 0x9F, 0x99, 0x41], "0xf0 0x9f 0x99 0x41"),
    ]

    @Test(arguments: invalid)
    func `invalid UTF-8 is refused with PostgreSQL's wording`(bytes: [UInt8], shown: String) {
        #expect(failure(of: Array("SELECT 'abcdefgh".utf8) + bytes) == .invalidEncoding(bytes: shown))
        #expect(failure(of: bytes) == .invalidEncoding(bytes: shown))
    }

    @Test(arguments: [
        "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}", "ä日🙂",
    ])
    func `valid UTF-8 is taken wherever it stands`(text: String) throws {
        for padding in 0..<9 {
            let value = String(repeating: "x", count: padding) + text + "y"
            #expect(try facts(of: "SELECT '\(value)'").constants.map(\.value) == [value])
        }
    }

    @Test func `a NUL is refused, an invalid byte before it first`() {
        for padding in 0..<17 {
            #expect(failure(of: Array(repeating: 0x20, count: padding) + [0, 0xFF]) == .embeddedNull)
            #expect(failure(of: Array(repeating: 0x20, count: padding) + [0xFF, 0]) == .invalidEncoding(bytes: "0xff"))
        }
    }

    @Test func `a text over the limit is refused before anything else`() {
        let limits = ParseLimits(bytes: 10)
        #expect(failure(of: Array(repeating: 0xFF, count: 11), limits: limits) == .tooLong(limit: 10))
        #expect(failure(of: Array("SELECT 123".utf8), limits: limits) == nil)
        #expect(failure(of: Array("SELECT 1234".utf8), limits: limits) == .tooLong(limit: 10))
    }

    static let syntaxErrors: [(String, String, Int)] = [
        ("SELEC 1", "syntax error at or near \"SELEC\"", 1), ("SELECT 1 FROM", "syntax error at end of input", 14),
        ("SELECT 'ä', ;", "syntax error at or near \";\"", 13),
        ("SELECT 'x", "unterminated quoted string at or near \"'x\"", 8),
        ("SELECT \"x", "unterminated quoted identifier at or near \"\"x\"", 8),
        ("SELECT \"\"", "zero-length delimited identifier at or near \"\"\"\"", 8),
        ("SELECT 1; SELEC 2", "syntax error at or near \"SELEC\"", 11),
        ("SELECT /* x", "unterminated /* comment at or near \"/* x\"", 8),
    ]

    @Test(arguments: syntaxErrors)
    func `syntax errors are PostgreSQL's, positions count characters`(sql: String, message: String, position: Int) {
        #expect(failure(of: Array(sql.utf8)) == .syntax(message: message, position: position))
    }

    static let ranges: [(String, [String])] = [
        ("SELECT 1", ["SELECT 1"]), ("  SELECT 1  ", ["SELECT 1"]), ("SELECT 1;", ["SELECT 1"]),
        ("SELECT 1; SELECT 'ä' ;\n\tSELECT 3\n", ["SELECT 1", "SELECT 'ä'", "SELECT 3"]),
        (";; SELECT 1 ;;", ["SELECT 1"]),
        ("", []), ("  ", []), ("-- nothing", []), (";;", []), ("SELECT ';'; SELECT 2", ["SELECT ';'", "SELECT 2"]),
    ]

    @Test(arguments: ranges)
    func `statements' ranges leave out white space and semicolons`(sql: String, texts: [String]) throws {
        let found = try statements(of: sql)
        let bytes = Array(sql.utf8)
        #expect(found.map { String(decoding: bytes[$0.range], as: UTF8.self) } == texts)
    }
}
