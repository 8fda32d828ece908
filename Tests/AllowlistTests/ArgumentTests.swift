import PluginAPI
import Testing

@testable import Allowlist

@Suite("Rules for arguments")
struct ArgumentTests {
    /// Every form a rule can take, on a function f(model, text, options, labels, size, flag).
    private static let rules = Result {
        try Gate(
            #"""
            [[calls]]
            function = "app.f"
            [[calls.arguments]]
            name = "model"
            type = "model"
            values = ["org/*", "plain"]
            [[calls.arguments]]
            name = "body"
            aliases = ["bodies"]
            type = "text"
            max_bytes = 8
            computed = true
            [[calls.arguments]]
            name = "options"
            null = true
            [calls.arguments.keys]
            mode = { values = ["fast", "slow-*"] }
            level = { type = "integer", min = 1, max = 5 }
            ratio = { type = "number", min = 0, max = 1, null = true }
            deep = { keys = { mode = { values = ["fast"] } } }
            tags = { type = "text", array = true, max_elements = 2 }
            [[calls.arguments]]
            name = "labels"
            array = true
            values = ["a", "b"]
            max_elements = 3
            [[calls.arguments]]
            name = "size"
            type = "integer"
            min = 1
            max = 10
            [[calls.arguments]]
            name = "flag"
            type = "boolean"

            [[calls]]
            function = "app.v"
            [[calls.arguments]]
            name = "first"
            values = ["x"]
            [[calls.arguments]]
            name = "rest"
            values = ["a", "b"]
            variadic = true
            """#
        )
    }

    @Test(
        "Admitted",
        arguments: [
            "f('org/a')", "f('plain', 'text')", "f(model => 'plain', flag => true)", "f('plain', bodies => 'x')",
            "f('plain', lower('very long text'))", "f('plain', options => NULL)", "f('plain', 'x', '{}')",
            #"f('plain', 'x', '{"mode": "slow-1", "level": 5, "ratio": null}')"#,
            #"f('plain', 'x', '{"deep": {"mode": "fast"}, "tags": ["x", "y"]}'::json)"#,
            #"f('plain', 'x', '{"ratio": 0.5, "tags": []}'::text::jsonb)"#, "f('plain', 'x', '{}', ARRAY['a', 'b'])",
            "f('plain', labels => '{a,b,\"a\"}')", "f('plain', labels => ARRAY['a']::text[])",
            "f('plain', labels => '{}'::varchar[])", "f('plain', size => 10)", "f('plain', size => '3')",
            "f('plain', size => 3::int8)", "f('plain', flag => 't')", "f('plain', flag => false)",
            "v('x')", "v('x', 'a')", "v('x', 'a', 'b', 'a')", "v('x', VARIADIC ARRAY['a', 'b'])",
            "v('x', VARIADIC '{a}')",
        ]
    )
    func admitted(call: String) throws {
        let denial = try Self.rules.get().denial("SELECT app.\(call)")
        #expect(denial == nil, "\(denial?.message ?? "")")
    }

    @Test(
        "Refused, with the reason",
        arguments: [
            ("f('org/a/b')", "argument model has a value that is not allowed"),
            ("f('org/../a')", "argument model has a value"), ("f(NULL)", "argument model must not be NULL"),
            ("f(model)", "argument model must be a constant or a parameter"), ("f(1)", "argument model has a value"),
            ("f('plain', 'nine bytes')", "argument body is longer than 8 bytes"),
            ("f('plain', NULL)", "argument body must not be NULL"),
            ("f('plain', unheard => 1)", "has no argument \"unheard\""),
            ("f('plain', 'x', '{}', '{a}', 1, true, 7)", "has no argument 7"),
            ("f('plain', model => 'plain')", "argument model is given twice"),
            ("f('plain', body => 'x', bodies => 'y')", "argument body is given twice"),
            ("f('plain', 'x', 'null')", "argument options is not a JSON object"),
            ("f('plain', 'x', '')", "argument options is not valid JSON"),
            (
                #"f('plain', 'x', '{"mode": "fas"}')"#,
                "key \"mode\" of argument options has a value that is not allowed"
            ),
            (#"f('plain', 'x', '{"level": 6}')"#, "key \"level\""),
            (#"f('plain', 'x', '{"level": 1.5}')"#, "key \"level\""),
            (#"f('plain', 'x', '{"level": null}')"#, "key \"level\" of argument options must not be null"),
            (#"f('plain', 'x', '{"level": true}')"#, "key \"level\""),
            (#"f('plain', 'x', '{"mode": ["fast"]}')"#, "array"),
            (#"f('plain', 'x', '{"deep": "fast"}')"#, "key \"deep\""),
            (
                #"f('plain', 'x', '{"deep": {"level": 1}}')"#,
                "key \"deep\" of argument options must not have the key \"level\""
            ),
            (#"f('plain', 'x', '{"tags": ["x", "y", "z"]}')"#, "more than 2 elements"),
            (#"f('plain', 'x', '{"tags": "x"}')"#, "is not an array"),
            (#"f('plain', 'x', '{"tags": [1]}')"#, "key \"tags\""),
            ("f('plain', labels => ARRAY['a', 'c'])", "argument labels has a value"),
            ("f('plain', labels => '{a,c}')", "argument labels has a value"),
            ("f('plain', labels => '{a,NULL}')", "argument labels must not be NULL"),
            ("f('plain', labels => '{a,b,a,b}')", "more than 3 elements"),
            ("f('plain', labels => ARRAY[ARRAY['a']])", "argument labels must not be an array"),
            ("f('plain', labels => ARRAY[lower('A')])", "argument labels must be a constant"),
            ("f('plain', labels => '{{a}}')", "argument labels is not a plain array"),
            ("f('plain', labels => 'a')", "argument labels is not a plain array"),
            ("f('plain', size => 11)", "argument size has a value"),
            ("f('plain', size => 1.5)", "argument size has a value"),
            ("f('plain', size => '0x5')", "argument size has a value"),
            ("f('plain', flag => 'maybe')", "argument flag has"),
            ("f(VARIADIC ARRAY['plain'])", "it takes no VARIADIC"), ("v('y')", "argument first has a value"),
            ("v('x', 'a', 'c')", "argument rest has a value"),
            ("v('x', VARIADIC ARRAY['a', 'c'])", "argument rest has"),
            ("v('x', VARIADIC '{c}')", "argument rest has a value"), ("v('x', VARIADIC body)", "argument rest must be"),
        ]
    )
    func refused(call: String, reason: String) throws {
        let denial = try #require(try Self.rules.get().denial("SELECT app.\(call)"))
        #expect(denial.message.contains(reason), "\(denial.message)")
        #expect(denial.rule.hasPrefix("calls: app."))
        #expect(denial.offset == 7)
    }

    @Test("NULL passes to a STRICT function, but not within an array")
    func strict() throws {
        let gate = try Gate(
            #"""
            [[calls]]
            function = "app.f"
            strict = true
            [[calls.arguments]]
            name = "labels"
            array = true
            values = ["a"]
            """#
        )
        #expect(gate.denial("SELECT app.f(NULL), app.f(NULL::text[])") == nil)
        #expect(gate.denial("SELECT app.f(ARRAY['a', NULL])") != nil)
        #expect(gate.denial("SELECT app.f('{a,NULL}')") != nil)
    }

    @Test("A refusal never shows the value")
    func secrets() throws {
        let denial = try #require(
            try Self.rules.get().denial(#"SELECT app.f('hf_secret', 'x', '{"mode": "hf_secret"}')"#)
        )
        #expect(!denial.message.contains("hf_secret"))
        #expect(!denial.hint.contains("hf_secret"))
    }

    @Test("A key in a message is cut, and shows nothing that a terminal would obey")
    func shownKeys() throws {
        let key = #"\u001b[31m"# + String(repeating: "k", count: 200)
        let denial = try #require(try Self.rules.get().denial("SELECT app.f('plain', 'x', '{\"\(key)\": 1}')"))
        #expect(!denial.message.contains("\u{1B}"))
        #expect(denial.message.utf8.count < 300)
    }
}
