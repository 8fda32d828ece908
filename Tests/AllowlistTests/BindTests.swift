import PluginAPI
import Testing

@testable import Allowlist

@Suite("Values that arrive with Bind or EXECUTE")
struct BindTests {
    private static let embed = "SELECT pgml.embed($1, $2, $3)"
    private static let model = "intfloat/e5-small-v2"

    private func refusal(of values: [ParameterValue], in sql: String = embed) throws -> Denial? {
        let gate = try Gate.shipped.get()
        return switch values.count {
        case 1: try gate.denial(sql, binding: values[0])
        case 2: try gate.denial(sql, binding: values[0], values[1])
        default: try gate.denial(sql, binding: values[0], values[1], values[2])
        }
    }

    @Test(
        "A model passes in every form that is read",
        arguments: [
            .text(model), .null, .binary(Array(model.utf8), type: 25), .binary(Array(model.utf8), type: 1043),
            .binary(Array(model.utf8), type: 705), .binary(Array(model.utf8), type: 0),
        ] as [ParameterValue]
    )
    func models(value: ParameterValue) throws {
        #expect(try refusal(of: [value, .text("x"), .text("{}")]) == nil)
    }

    @Test(
        "A model is refused in every other form",
        arguments: [
            .text("evil/model"), .text(""), .text(model + " "), .text("/tmp/x"), .unknown,
            .binary(Array("evil/model".utf8), type: 25), .binary(Array(model.utf8), type: 17),
            .binary(Array(model.utf8), type: 19), .binary(Array(model.utf8), type: 18),
            .binary(Array(model.utf8), type: 114),
            .binary(Array(model.utf8), type: 1042), .binary(Array(model.utf8), type: 16_400), .binary([0xFF], type: 25),
            .binary([1] + Array(model.utf8), type: 3802), .binary([], type: 25),
        ] as [ParameterValue]
    )
    func otherModels(value: ParameterValue) throws {
        let denial = try #require(try refusal(of: [value, .text("x"), .text("{}")]))
        #expect(denial.rule == "calls: pgml.embed")
    }

    @Test(
        "Keyword arguments pass in every form that is read",
        arguments: [
            .text(#"{"prompt": "a"}"#), .null, .binary(Array(#"{"prompt": "a"}"#.utf8), type: 114),
            .binary([1] + Array(#"{"prompt": "a"}"#.utf8), type: 3802),
            .binary([1] + Array(#"{"prompt": "a"}"#.utf8), type: 0),
        ] as [ParameterValue]
    )
    func kwargs(value: ParameterValue) throws {
        #expect(try refusal(of: [.text(Self.model), .text("x"), value]) == nil)
    }

    @Test(
        "Keyword arguments are refused in every other form",
        arguments: [
            .text(#"{"trust_remote_code": true}"#), .binary(Array(#"{"token": "a"}"#.utf8), type: 114),
            .binary([1] + Array(#"{"token": "a"}"#.utf8), type: 3802),
            .binary([1] + Array(#"{"token": "a"}"#.utf8), type: 0),
            .binary([2] + Array(#"{"prompt": "a"}"#.utf8), type: 3802),
            .binary(Array(#"{"prompt": "a"}"#.utf8), type: 3802),
            .text("[]"), .text(""), .binary([], type: 3802), .unknown,
        ] as [ParameterValue]
    )
    func otherKwargs(value: ParameterValue) throws {
        #expect(try refusal(of: [.text(Self.model), .text("x"), value]) != nil)
    }

    @Test("A text passes under a declared type that leaves it what it is", arguments: [0, 25, 705, 1043] as [UInt32])
    func plainTypes(type: UInt32) throws {
        #expect(try refusal(of: [.text(Self.model, type: type), .text("x"), .text("{}", type: 3802)]) == nil)
    }

    // "char" cuts it after a letter, name after 63 bytes, bytea writes it in hex.
    @Test(
        "A text is refused under any other",
        arguments: [16, 17, 18, 19, 114, 142, 1009, 1042, 3802, 16_400] as [UInt32]
    )
    func otherTypes(type: UInt32) throws {
        #expect(try refusal(of: [.text(Self.model, type: type), .text("x"), .text("{}")]) != nil)
    }

    static let retyping = [
        #"SELECT $1::"char", pgml.embed($1, 'x')"#, "SELECT pgml.embed($1::text, 'x'), $1::bytea",
        "SELECT pgml.embed($1, 'x') FROM app.inbox WHERE body = $1",
        "SELECT encode($1, 'hex'), pgml.embed($1::text, 'x')",
        "SELECT pgml.embed($1, $1::name)", "SELECT pgml.embed($1, 'x'), pgml.rank($1, 'q', ARRAY['a'])",
        "SELECT pgml.embed($1, ARRAY[$1, 'a'::name])",
    ]

    @Test(
        "The server may give a parameter that stands elsewhere another type, so that has to be declared",
        arguments: retyping
    )
    func elsewhere(sql: String) throws {
        let denial = try #require(try refusal(of: [.text(Self.model)], in: sql))
        #expect(denial.message.contains("cast it to text there") || sql.contains("rank"))
        #expect(try refusal(of: [.binary(Array(Self.model.utf8), type: 0)], in: sql) != nil)
        if !sql.contains("rank") { #expect(try refusal(of: [.text(Self.model, type: 25)], in: sql) == nil) }
    }

    @Test("Arguments of one function give a parameter no other type")
    func repeatedly() throws {
        let sql = "SELECT pgml.embed($1, 'a'), pgml.embed($1::text, 'b'), pgml.embed(transformer => $1, text => $1)"
        #expect(try refusal(of: [.text(Self.model)], in: sql) == nil)
        #expect(try refusal(of: [.text("evil/model")], in: sql) != nil)
        let shown = "SELECT $1::text AS model, pgml.embed($1, 'x') FROM app.inbox WHERE body = $1::text"
        #expect(try refusal(of: [.text(Self.model)], in: shown) == nil)
        #expect(try refusal(of: [.text("evil/model")], in: shown) != nil)
    }

    @Test("A number made into text is another text than the one that is read")
    func numbersAsText() throws {
        let gate = try Gate(
            #"""
            [[calls]]
            function = "app.f"
            [[calls.arguments]]
            name = "text"
            type = "text"
            max_bytes = 8
            """#
        )
        for sql in ["'1e9999'::numeric::text", "1e9999::text", "'{1}'::text[]::text", "'t'::bool::text"] {
            #expect(gate.denial("SELECT app.f(\(sql))") != nil, "\(sql)")
        }
        #expect(gate.denial("SELECT app.f('1e9999'::text)") == nil)
        #expect(try gate.denial("SELECT app.f($1::numeric::text)", binding: .text("1e9999")) != nil)
        #expect(try gate.denial("SELECT app.f($1::text)", binding: .text("1e9999", type: 1700)) != nil)
        #expect(try gate.denial("SELECT app.f($1::text)", binding: .text("1e9999", type: 25)) == nil)
    }

    @Test("The types that Parse declares are judged by `types`")
    func parameterTypes() throws {
        let shipped = try Gate.shipped.get()
        #expect(shipped.denial(declaring: [0, 705, 25, 1043, 3802, 1009, 23, 701, 1184, 2950, 17]) == nil)
        for type: UInt32 in [2205, 2206, 2210, 4096, 142, 143, 1033, 194, 600_000, 1248] {
            let denial = try #require(shipped.denial(declaring: [25, type]), "\(type)")
            #expect(denial.rule == "types")
            #expect(denial.message.hasSuffix("for parameter $2"))
        }
    }

    @Test("What no rule wants is not looked at")
    func unpoliced() throws {
        let gate = try Gate.shipped.get()
        guard case .forwardInspecting(let wanted)? = gate.judge(Self.embed).first else {
            Issue.record("not asked"); return
        }
        #expect(wanted == [1, 3])
    }

    @Test("A parameter that stands twice is judged by both rules")
    func twice() throws {
        let sql = "SELECT pgml.embed($1, 'x'), pgml.rank($1, 'q', ARRAY['a'])"
        #expect(try refusal(of: [.text(Self.model)], in: sql) != nil)
        #expect(try refusal(of: [.text("mixedbread-ai/mxbai-rerank-base-v1")], in: sql) != nil)
    }

    @Test("A task is a word or an object")
    func tasks() throws {
        let sql = "SELECT pgml.transform($1, inputs => $2)"
        #expect(try refusal(of: [.text("text-generation"), .unknown], in: sql) == nil)
        #expect(try refusal(of: [.text(#"{"task": "text-generation", "model": "gpt2"}"#), .unknown], in: sql) == nil)
        #expect(
            try refusal(of: [.text(#" {"task": "text-generation", "model": "evil/model"}"#), .unknown], in: sql) != nil
        )
        #expect(
            try refusal(of: [.binary([1] + Array(#""text-generation""#.utf8), type: 3802), .unknown], in: sql) != nil
        )
    }

    @Test("Arrays are read in text and in binary format")
    func arrays() throws {
        let gate = try Gate(
            #"""
            [[calls]]
            function = "app.f"
            [[calls.arguments]]
            name = "labels"
            array = true
            values = ["a", "bc"]
            """#
        )
        let array: (UInt8, [[UInt8]?]) -> [UInt8] = { type, elements in
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, type, 0, 0, 0, UInt8(elements.count), 0, 0, 0, 1]
                + elements.flatMap { $0.map { [0, 0, 0, UInt8($0.count)] + $0 } ?? [255, 255, 255, 255] }
        }
        let good = array(25, [[97], [98, 99]])
        let sql = "SELECT app.f($1)"
        #expect(try gate.denial(sql, binding: .text("{a,bc}")) == nil)
        #expect(try gate.denial(sql, binding: .text("{a,c}")) != nil)
        #expect(try gate.denial(sql, binding: .text("{{a}}")) != nil)
        #expect(try gate.denial(sql, binding: .binary(good, type: 1009)) == nil)
        #expect(try gate.denial(sql, binding: .binary(good, type: 0)) == nil)
        #expect(try gate.denial(sql, binding: .binary([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25], type: 1009)) == nil)
        #expect(try gate.denial(sql, binding: .binary(array(25, [[97], nil]), type: 1009)) != nil)
        #expect(try gate.denial(sql, binding: .binary(array(25, [[97], [99]]), type: 1009)) != nil)
        #expect(try gate.denial(sql, binding: .binary(array(17, [[97]]), type: 1009)) != nil)
        #expect(try gate.denial(sql, binding: .binary(array(17, [[97]]), type: 0)) != nil)
        #expect(try gate.denial(sql, binding: .binary(good + [0], type: 1009)) != nil)
        for length in 0..<good.count {
            #expect(try gate.denial(sql, binding: .binary(Array(good.prefix(length)), type: 1009)) != nil)
        }
        #expect(try gate.denial("SELECT app.f(ARRAY['a', $1])", binding: .text("bc")) == nil)
        #expect(try gate.denial("SELECT app.f(ARRAY['a', $1])", binding: .text("c")) != nil)
    }

    @Test("Whole numbers are read in text and in binary format")
    func integers() throws {
        let gate = try Gate(
            #"""
            [[calls]]
            function = "app.f"
            [[calls.arguments]]
            name = "size"
            type = "integer"
            min = -2
            max = 300
            """#
        )
        let sql = "SELECT app.f($1)"
        for good: ParameterValue in [
            .text("300"), .text("-2"), .binary([1, 44], type: 21), .binary([0, 0, 1, 44], type: 23),
            .binary([255, 255, 255, 255, 255, 255, 255, 254], type: 20),
        ] {
            #expect(try gate.denial(sql, binding: good) == nil)
        }
        for bad: ParameterValue in [
            .text("301"), .text("-3"), .text("1_0"), .text("1.5"), .binary([1, 45], type: 21),
            .binary([1, 44], type: 23),
            .binary([0, 0, 1, 44], type: 0), .binary([0, 0, 1, 44], type: 1700), .null,
        ] {
            #expect(try gate.denial(sql, binding: bad) != nil)
        }
    }
}
