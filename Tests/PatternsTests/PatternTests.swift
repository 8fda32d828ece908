import Testing

@testable import Patterns

@Suite struct PatternTests {
    /// The text with all matches replaced.
    static func replaced(
        _ text: String,
        _ source: String,
        _ replacement: String,
        limits: MatchLimits = MatchLimits(),
        ignoresCase: Bool = false
    ) throws -> String {
        let pattern = try Pattern(source, ignoresCase: ignoresCase)
        let replacement = try Replacement(replacement, of: pattern)
        let searcher = Searcher([pattern], limits: limits)
        let edits = try searcher.search { search throws(MatchLimits.Exceeded) in
            try search.edits(pattern, replacement, in: text)
        }
        var bytes = Array(text.utf8)
        for edit in edits.reversed() { bytes.replaceSubrange(edit.range, with: edit.text.utf8) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `every match is replaced, groups by number and by name`() throws {
        #expect(try Self.replaced("a1 b22", #"([a-z])(?<n>\d+)"#, "${n}${1}") == "1a 22b")
        #expect(try Self.replaced("ab", "(a)|(b)", "<${0}${2}>") == "<a><bb>")
    }

    @Test func `a dollar sign stands for itself unless a brace follows`() throws {
        #expect(try Self.replaced("f(x)", "x", "$1, $tag$, ${$}{1}, $") == "f($1, $tag$, ${1}, $)")
    }

    @Test(arguments: ["${2}", "${name}", "${1", "${-1}", "${}"])
    func `a replacement names groups that are there`(replacement: String) throws {
        let pattern = try Pattern("(a)")
        #expect(throws: PatternError.self) { try Replacement(replacement, of: pattern) }
    }

    @Test func `characters are characters, not bytes`() throws {
        #expect(try Self.replaced("äöü", ".", "<${0}>") == "<ä><ö><ü>")
        #expect(try Self.replaced("äöü", "", "-") == "-ä-ö-ü-")
        #expect(try Self.replaced("ÄB", "äb", "x", ignoresCase: true) == "x")
        #expect(try Self.replaced("", "^$", "x") == "x")
    }

    @Test func `anchors mean the whole text, wherever a search stands`() throws {
        let long = String(repeating: "ä ", count: 5000)
        #expect(try Self.replaced(long + "a", "^a|a$", "x") == long + "x")
        #expect(try Self.replaced("a" + long, "^ä|^a", "x") == "x" + long)
        #expect(try Self.replaced(long + "end", #"(?<=ä )end\z"#, "x") == long + "x")
        #expect(try Self.replaced("a\n", "a$", "x") == "a\n")
    }

    @Test func `matches are found in whichever piece of a text they begin`() throws {
        for place in [0, 1, 19, 20, 21, 22, 39, 40, 41, 4095, 4096, 4097] {
            let text = String(repeating: "ö", count: place) + "needle" + String(repeating: "ö", count: 50)
            let expected = text.replacing("needle", with: "x")
            #expect(try Self.replaced(text, "n(e+)dle", "x") == expected, "at \(place)")
        }
    }

    @Test(arguments: [
        ("(", "missing"), ("[a", "missing"), (#"a\"#, "\\ at end"), (#"\C"#, "C"), ("(*NOTHING)a", "(*"),
        ("(?R", "parenthesis"),
    ])
    func `what is no pattern is refused`(source: String, word: String) throws {
        let error = #expect(throws: PatternError.self) { try Pattern(source) }
        #expect(error?.message.contains(word) == true, "\(String(describing: error))")
    }

    @Test func `patterns run as machine code`() throws {
        #expect(try Pattern("(a+)+$").isCompiledToMachineCode)
    }
}
