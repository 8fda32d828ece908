import Testing

@testable import Allowlist

@Suite("Names, patterns and arrays as text")
struct ValueFormTests {
    @Test(
        "A pattern admits what it says",
        arguments: [
            ("gpt2", "gpt2"), ("*", ""), ("*", "a/b"), ("a*", "a"), ("a*c", "abc"), ("*b*", "abc"),
            ("a*b*c", "a-b-b-c"),
            ("translation_*_to_*", "translation_en_to_fr"), ("", ""),
        ]
    )
    func admits(pattern: String, text: String) {
        #expect(Pattern(pattern).matches(text))
    }

    @Test(
        "A pattern admits nothing else",
        arguments: [
            ("gpt2", "gpt20"), ("gpt2", "GPT2"), ("gpt2", " gpt2"), ("a*", "ba"), ("a*a", "a"), ("a*b*c", "acb"),
            ("K", "\u{212A}"), ("\u{E9}", "e\u{301}"), ("", "a"),
        ]
    )
    func refuses(pattern: String, text: String) {
        #expect(!Pattern(pattern).matches(text))
    }

    @Test(
        "A model's pattern admits names on a hub",
        arguments: [
            ("intfloat/*", "intfloat/e5-small-v2"), ("*/e5-*", "intfloat/e5-small"), ("e5-*-v*", "e5-small-v-v2"),
        ]
    )
    func models(pattern: String, name: String) {
        #expect(Pattern(pattern, isModel: true).matches(name))
    }

    @Test(
        "A model's pattern never admits a path",
        arguments: [
            "/etc/passwd", "./a", "~/a", "../a", "a/../b", "a/..", "a\\b", "C:a", "a/b/c", "a/", "", ".", "-rf", "a b",
            "a\nb", "file:a", "a\u{0}", "ä/b", "a..b/c",
        ]
    )
    func paths(name: String) {
        #expect(!Pattern("*", isModel: true).matches(name))
        #expect(!Pattern("*/*", isModel: true).matches(name))
        #expect(!Pattern("*/*/*", isModel: true).matches(name))
    }

    @Test("A model's star stops at a slash; a path that is listed as it stands is admitted")
    func modelStars() {
        #expect(!Pattern("*", isModel: true).matches("a/b"))
        #expect(!Pattern("a*", isModel: true).matches("a/b"))
        #expect(Pattern("/models/mine", isModel: true).matches("/models/mine"))
    }

    @Test(
        "Array literals are read as PostgreSQL reads them",
        arguments: [
            ("{}", []), ("{a}", ["a"]), (" { a , b } ", ["a", "b"]),
            (#"{"a,b","c\"d","e\\f"}"#, ["a,b", "c\"d", "e\\f"]),
            ("{NULL,null,\"NULL\"}", [nil, nil, "NULL"]), (#"{""}"#, [""]), ("{a b}", ["a b"]), ("{\" a \"}", [" a "]),
        ] as [(String, [String?])]
    )
    func arrays(text: String, elements: [String?]) {
        #expect(ArrayLiteral.read(text) == elements)
    }

    @Test(
        "Array literals that are not plain are not read",
        arguments: [
            "", "a", "{", "}", "{a", "{a}}", "{{a}}", "[0:1]={a,b}", "{a,}", "{,a}", "{a\\b}", #"{"a}"#, #"{a"b"}"#,
        ]
    )
    func oddArrays(text: String) {
        #expect(ArrayLiteral.read(text) == nil)
    }

    @Test(
        "Names are read as PostgreSQL reads them",
        arguments: [
            ("app.inbox", ["app", "inbox"]), ("App.INBOX", ["app", "inbox"]), (#""App"."in.box""#, ["App", "in.box"]),
            (#""a""b""#, ["a\"b"]), (" a . b ", ["a", "b"]), ("a$1_", ["a$1_"]), ("\"é\"", ["é"]),
        ] as [(String, [String])]
    )
    func names(text: String, parts: [String]) {
        #expect(NamePath.parse(text) == parts)
    }

    @Test(
        "What is no plain name is not read",
        arguments: [
            "", ".", "a.", ".a", "a..b", "1", "16384", "-", "a b", "\"a", "\"\"", "é", "a-b", "a,b", "$a", "a.\"b\"c",
            String(repeating: "a", count: 64), "U&\"a\"", "a;",
        ]
    )
    func oddNames(text: String) {
        #expect(NamePath.parse(text) == nil)
    }
}
