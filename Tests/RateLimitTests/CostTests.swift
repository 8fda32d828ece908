import PluginAPI
import Testing

@testable import RateLimit

@Suite("Calls and characters")
struct CostTests {
    /// What a statement costs of a bucket of a thousand units: told by how much of it is left.
    private func cost(
        _ sql: String,
        _ parameters: [ParameterValue]? = nil,
        count: String = "characters",
        functions: String = "\"pgml.*\"",
        more: String = ""
    ) throws -> String {
        let sessions = try Sessions(
            "[[limit]]\nname = \"a\"\ncount = \"\(count)\"\nfunctions = [\(functions)]\nrate = \"1000/second\"\n"
                + (count == "calls" ? "burst = 100" : more)
        )
        let answer = sessions.admit(sql, parameters, at: 0)
        guard answer == "ok" else { return answer }
        // The bucket is full again after as many milliseconds as units were taken.
        let probe = "SELECT " + Array(repeating: "pgml.embed('m', '0123456789')", count: 100).joined(separator: ", ")
        let calls = "SELECT " + Array(repeating: "pgml.embed('m', '')", count: 100).joined(separator: ", ")
        let late = sessions.admit(count == "characters" ? probe : calls, at: 0)
        guard late != "ok" else { return "0" }
        let seconds = try #require(late.split(separator: " ").dropFirst(4).first.flatMap { Double($0) })
        return "\(Int((seconds * 1000).rounded()))"
    }

    @Test(
        "counts the characters of constants",
        arguments: [
            ("SELECT pgml.embed('model', 'ten letter')", "10"),
            ("SELECT pgml.embed('model', text => 'ten letter', kwargs => '{\"a\": 1}')", "10"),
            ("SELECT pgml.embed('model', 'éèêëěçñõäöéèêëěçñõäö')", "20"),
            ("SELECT pgml.embed('model', ARRAY['ten letter', 'ten letter'])", "20"),
            ("SELECT pgml.embed('model', '{ten letter,\"ten l,\\\"ter\"}'::text[])", "20"),
            ("SELECT pgml.embed('model', inputs => '{ten letter,\"ten letter\"}')", "20"),
            (
                "SELECT pgml.embed('m', 'ten letter'), pgml.embed('m', 'ten letter'::text); SELECT pgml.embed('m', '0123456789')",
                "30"
            ),
            ("SELECT pgml.transform('translation_en_to_fr', inputs => ARRAY['ten letter'])", "10"),
            (
                "SELECT pgml.transform(task => '{\"task\": \"x\"}'::jsonb, args => '{}'::jsonb, inputs => ARRAY['ten letter'])",
                "10"
            ),
            ("SELECT pgml.transform('text-generation', '{}', '{ten letter}')", "10"),
            ("SELECT pgml.other('ten letter', 'ten letter')", "20"),
            ("SELECT pgml.embed('model', NULL)", "0"),
            ("SELECT lower('ten letter')", "0"),
            ("PREPARE a AS SELECT pgml.embed('m', 'ten letter')", "0"),
        ]
    )
    func constants(sql: String, characters: String) throws {
        #expect(try cost(sql) == characters)
    }

    @Test("counts the characters of parameters, text and binary, and of arrays of texts")
    func parameters() throws {
        let sql = "SELECT pgml.embed('model', $1)"
        #expect(try cost(sql, [.text("ten letter")]) == "10")
        #expect(try cost(sql, [.text("{ten letter,ten letter}", type: 1009)]) == "20")
        #expect(try cost(sql, [.binary(Array("ten létter".utf8), type: 25)]) == "10")
        let element: [UInt8] = [0, 0, 0, 10] + Array("ten letter".utf8)
        let array: [UInt8] =
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 3, 0, 0, 0, 1] + element + element
            + [255, 255, 255, 255]
        #expect(try cost(sql, [.binary(array, type: 1009)]) == "20")
        #expect(try cost(sql, [.binary(array, type: 0)]) == "20")
        #expect(try cost(sql, [.null]) == "0")
        #expect(
            try cost("SELECT pgml.embed('model', ARRAY[$1, $2]::text[])", [.text("01234"), .text("56789")]) == "10"
        )
    }

    @Test("refuses what it cannot count, or counts it as it is told to")
    func unknown() throws {
        let sql = "SELECT pgml.embed('model', body) FROM app.inbox"
        #expect(try cost(sql).hasPrefix("42501 Give the text as a constant"))
        #expect(try cost(sql, more: "unknown_characters = 50") == "50")
        #expect(try cost("SELECT pgml.embed('model', 'a' || 'b')", more: "unknown_characters = 0") == "0")
    }

    @Test("refuses more at once than would ever pass")
    func tooMuch() throws {
        let answer = try cost("SELECT pgml.embed('model', '\(String(repeating: "a", count: 1001))')")
        #expect(answer == "53400 Send less at once, or raise the limit's `burst`.")
    }

    @Test(
        "counts calls by name, wherever they stand and however they are written",
        arguments: [
            ("SELECT pgml.embed('m', body), pgml.embed('m', body) FROM app.inbox", 20),
            ("SELECT 1 FROM pgml.chunk('a', 'b') WHERE pgml.embed('m', 'a') IS NOT NULL", 20),
            ("SELECT embed('m', 'a')", 10),
            ("SELECT PGML.Embed('m', 'a'), \"pgml\".\"embed\"('m', 'a')", 20),
            ("EXPLAIN SELECT pgml.embed('m', 'a')", 10),
            ("SELECT lower('a'), pg_catalog.upper('b'), other.embed('m', 'a')", 0),
        ]
    )
    func calls(sql: String, calls: Int) throws {
        // Ten times, for hints are told in hundredths of a second.
        let ten = Array(repeating: sql, count: 10).joined(separator: "; ")
        #expect(try cost(ten, count: "calls") == "\(calls)")
    }

    @Test("counts each function alone")
    func perFunction() throws {
        let sessions = try Sessions(
            """
            [[limit]]
            name = "a"
            per = ["user", "function"]
            count = "calls"
            functions = ["pgml.*"]
            rate = "1/minute"
            """
        )
        #expect(sessions.admit("SELECT pgml.embed('m', 'a')", at: 0) == "ok")
        #expect(sessions.admit("SELECT pgml.embed('m', 'b')", at: 0).hasPrefix("53400"))
        #expect(sessions.admit("SELECT pgml.rank('m', 'b')", at: 0) == "ok")
        #expect(try sessions.beside(user: "b").admit("SELECT pgml.embed('m', 'b')", at: 0) == "ok")
        #expect(try sessions.beside().admit("SELECT pgml.rank('m', 'b')", at: 0).hasPrefix("53400"))
    }

    @Test("counts statements that call a function once each")
    func statements() throws {
        let sessions = try Sessions(
            "[[limit]]\nname = \"a\"\nfunctions = [\"pgml.embed\"]\nrate = \"2/minute\""
        )
        #expect(
            sessions.admit("SELECT pgml.embed('m', 'a'), pgml.embed('m', 'b'), pgml.embed('m', 'c')", at: 0) == "ok"
        )
        #expect(sessions.admit("SELECT 1; SELECT 2; SELECT 3; SELECT pgml.rank('m')", at: 0) == "ok")
        #expect(sessions.admit("SELECT pgml.embed('m', 'a')", at: 0) == "ok")
        #expect(sessions.admit("SELECT pgml.embed('m', 'a')", at: 0).hasPrefix("53400"))
    }
}
