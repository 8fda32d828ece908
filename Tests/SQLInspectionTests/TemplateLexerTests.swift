import Testing

@testable import SQLInspection

@Suite("Template lexer")
struct TemplateLexerTests {
    /// The key of a text, with the literals' classes as `‹s›`, `‹4›`, `‹8›`, `‹w›`, `‹d›`; nil where the lexer is not sure.
    private func template(_ text: [UInt8]) -> String? {
        var lexer = TemplateLexer()
        guard unsafe lexer.scan(text.span.bytes) else { return nil }
        let names: [UInt8: String] = [1: "‹s›", 2: "‹4›", 3: "‹8›", 4: "‹w›", 5: "‹d›"]
        return unsafe TemplateKey.bytes(text.span.bytes, lexer.slots)
            .map { names[$0] ?? String(UnicodeScalar($0)) }.joined()
    }

    private func template(_ text: String) -> String? { template(Array(text.utf8)) }

    @Test(
        "Plain literals are cut out, byte for byte",
        arguments: [
            ("", ""),
            ("SELECT now()", "SELECT now()"),
            ("SELECT 'a'", "SELECT ‹s›"),
            ("SELECT ''", "SELECT ‹s›"),
            ("SELECT 'it''s', '''', ''''''", "SELECT ‹s›, ‹s›, ‹s›"),
            ("SELECT 'a longer one that takes more than a word', 1", "SELECT ‹s›, ‹4›"),
            ("SELECT 'line\n\tbreak\r'", "SELECT ‹s›"),
            ("SELECT 'grüße ☃ 12345678', 'x'", "SELECT ‹s›, ‹s›"),
            ("SELECT '-- no /* comment */ \" $$'", "SELECT ‹s›"),
            ("f(1,2.5)", "f(‹4›,‹d›)"),
            ("SELECT 0, 0.5, -7, - 8, +9", "SELECT ‹4›, ‹d›, -‹4›, - ‹4›, +‹4›"),
            ("SELECT 2147483647, 2147483649", "SELECT ‹4›, ‹8›"),
            ("SELECT 9223372036854775807, 9223372036854775809", "SELECT ‹8›, ‹w›"),
            ("SELECT 99999999999999999999999", "SELECT ‹w›"),
            ("SELECT t1, int4, x$1, $1, $23", "SELECT t1, int4, x$1, $1, $23"),
            ("SELECT \"a\"\"b\", \"it's\", \"1\" FROM \"T 2\"", "SELECT \"a\"\"b\", \"it's\", \"1\" FROM \"T 2\""),
            ("SELECT 'a'::text||$1", "SELECT ‹s›::text||$1"),
            ("a[1:2]", "a[‹4›:‹4›]"),
            ("SELECT a - 1 / 2", "SELECT a - ‹4› / ‹4›"),
        ] as [(String, String)]
    )
    func plainLiterals(_ text: String, _ key: String) {
        #expect(template(text) == key)
    }

    @Test(
        "What could be read in two ways makes unsure",
        arguments: [
            "SELECT E'a'", "SELECT e'a'", "SELECT U&'a'", "SELECT u&'a'", "SELECT U&\"a\"", "SELECT B'1'",
            "SELECT X'1'",
            "SELECT N'a'", "SELECT _utf8'a'", "SELECT date'a'", "SELECT \"char\"'a'", "SELECT $$a$$", "SELECT $t$a$t$",
            "SELECT $", "SELECT $1a", "SELECT $1'a'", "SELECT 'a\\b'", "SELECT \\", "SELECT \"a\\b\"", "SELECT 1 -- a",
            "SELECT 1--2", "SELECT /* a */ 1", "SELECT 1/*", "SELECT é", "SELECT \"é\"", "SELECT 'al'\n'pha'",
            "SELECT 'a' 'b'",
            "SELECT 'a' 1", "SELECT 1 2", "SELECT 1\t'a'", "SELECT 1'a'", "SELECT 'a'1", "SELECT 'a'b",
            "SELECT 'a'\"b\"",
            "SELECT 'a", "SELECT 'a''", "SELECT \"a", "SELECT \"a\"\"", "SELECT '", "SELECT \"", "SELECT 1e5",
            "SELECT 1E5",
            "SELECT 1.5e-3", "SELECT 1.", "SELECT .5", "SELECT a.5", "SELECT 1..2", "SELECT 1.5.5", "SELECT 1_000",
            "SELECT 0x1f",
            "SELECT 1a", "SELECT 1é", "SELECT 1$1", "SELECT 007", "SELECT 00.5", "SELECT 2147483648",
            "SELECT 9223372036854775808",
            "SELECT\u{0b}1", "SELECT\u{0c}1", "SELECT \u{01}", "SELECT '\u{01}'", "SELECT '\u{7f}'", "SELECT \u{7f}",
            "SELECT \u{00}", "SELECT '\u{00}'",
        ]
    )
    func unsure(_ text: String) {
        #expect(template(text) == nil)
    }

    @Test("Invalid UTF-8 in a literal makes unsure, wherever in a word it stands", arguments: 0..<20)
    func invalidEncoding(at place: Int) {
        for bytes: [UInt8] in [
            [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x98],
        ] {
            let padding = Array(repeating: UInt8(ascii: "x"), count: place)
            #expect(template(Array("SELECT '".utf8) + padding + bytes + Array("', 'abcdefghijk'".utf8)) == nil)
        }
        let valid = String(repeating: "x", count: place) + "ü☃😀"
        #expect(template("SELECT '\(valid)', 'abcdefghijk'") == "SELECT ‹s›, ‹s›")
    }

    @Test("A special byte is found wherever in a word it stands", arguments: 0..<24)
    func specialByte(at place: Int) {
        let padding = String(repeating: "x", count: place)
        #expect(template("SELECT '\(padding)', 'y'") == "SELECT ‹s›, ‹s›")
        #expect(template("SELECT '\(padding)''\(padding)', 'y'") == "SELECT ‹s›, ‹s›")
        #expect(template("SELECT '\(padding)\\\(padding)', 'y'") == nil)
        #expect(template("SELECT '\(padding)\u{1b}\(padding)', 'y'") == nil)
    }

    @Test("As many literals as fit are cut out, one more makes unsure")
    func manyLiterals() {
        let most = Array(repeating: "1", count: TemplateLexer.maximumSlots).joined(separator: ",")
        #expect(template(most) != nil)
        #expect(template(most + ",1") == nil)
    }

    @Test("Keys tell texts apart exactly as their bytes outside literals do")
    func keysMatch() {
        func slots(_ text: [UInt8]) -> [Slot] {
            var lexer = TemplateLexer()
            return unsafe lexer.scan(text.span.bytes) ? lexer.slots : []
        }
        let texts = [
            "SELECT 'a', 1", "SELECT 'bb', 22", "SELECT 'a', 1.5", "SELECT 'a', 1 ", "select 'a', 1", "SELECT 1, 'a'",
        ]
        .map { Array($0.utf8) }
        for text in texts {
            let key = unsafe TemplateKey.bytes(text.span.bytes, slots(text))
            let hash = unsafe TemplateKey.hash(text.span.bytes, slots(text), key: 7)
            for other in texts {
                let same = unsafe TemplateKey.bytes(other.span.bytes, slots(other)) == key
                #expect(unsafe TemplateKey.matches(key.span.bytes, other.span.bytes, slots(other)) == same)
                #expect(unsafe (TemplateKey.hash(other.span.bytes, slots(other), key: 7) == hash) == same)
                #expect(unsafe TemplateKey.hash(other.span.bytes, slots(other), key: 8) != hash)
            }
        }
    }
}
