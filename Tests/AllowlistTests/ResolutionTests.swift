import PluginAPI
import Testing

@testable import Allowlist

@Suite("Names without a schema")
struct ResolutionTests {
    private static let one = Result {
        try Gate(
            #"""
            schemas = ["pgml"]
            columns = ["id"]
            functions = ["pgml.norm_l2", "app.*"]
            types = ["pgml.vector"]
            operators = ["pgml.<=>"]
            [[calls]]
            function = "pgml.rank"
            [[calls.arguments]]
            name = "transformer"
            values = ["good"]
            [[relations]]
            name = "pgml.models"
            access = ["select"]
            """#
        )
    }

    @Test(
        "Mean what the listed schema allows",
        arguments: [
            "norm_l2('{1}')", "NORM_L2('{1}')", "pgml.norm_l2('{1}')", "lower('x')", "rank('good')", "rank() OVER ()",
            "1 <=> 2", "1 OPERATOR(pgml.<=>) 2", "'[1]'::vector", "m.id FROM models m", "app.anything(1)",
        ]
    )
    func admitted(expression: String) throws {
        let denial = try Self.one.get().denial("SELECT \(expression)")
        #expect(denial == nil, "\(denial?.message ?? "")")
    }

    @Test(
        "Mean nothing else",
        arguments: [
            ("dump_all('x')", "functions"), ("anything(1)", "functions"), ("rank('evil')", "calls: pgml.rank"),
            ("rank('evil', 'q')", "calls: pgml.rank"), ("1 <#> 2", "operators"), ("1 OPERATOR(app.<=>) 2", "operators"),
            ("'x'::sparse", "types"), ("1 FROM files", "relations"), ("m.evil FROM models m", "columns"),
            ("m.rank FROM models m", "calls"), ("(m).norm_l1 FROM models m", "columns"),
        ]
    )
    func refused(expression: String, rule: String) throws {
        let denial = try #require(try Self.one.get().denial("SELECT \(expression)"))
        #expect(denial.rule == rule, "\(denial.message)")
    }

    @Test("Must be allowed in every listed schema, whichever has them")
    func several() throws {
        let gate = try Gate(#"schemas = ["a", "b"]"# + "\n" + #"functions = ["a.f", "a.g", "b.g", "b.h"]"#)
        #expect(gate.denial("SELECT g()") == nil)
        #expect(gate.denial("SELECT a.f(), b.h()") == nil)
        #expect(gate.denial("SELECT f()") != nil)
        #expect(gate.denial("SELECT h()") != nil)
    }

    @Test("Are compared byte by byte")
    func bytes() throws {
        let gate = try Gate("functions = ['a.\"\u{E9}\"', 'a.\"K\"']")
        #expect(gate.denial("SELECT a.\"\u{E9}\"(), a.\"K\"()") == nil)
        #expect(gate.denial("SELECT a.\"e\u{301}\"()") != nil)
        #expect(gate.denial("SELECT a.\"\u{212A}\"()") != nil)
    }

    @Test("A call by the name of one of pg_catalog's types is a cast to it")
    func casts() throws {
        let gate = try Gate("schemas = [\"app\"]\ncolumns = [\"*\"]\nfunctions = [\"app.*\"]")
        for sql in ["regproc('f')", "regrole('postgres')", "regclass('app.t')", "refcursor('c')"] {
            #expect(gate.denial("SELECT \(sql)")?.rule == "functions", "\(sql)")
        }
        #expect(gate.denial("SELECT f('x'), int4('1')") == nil)
    }

    @Test("A number that a setting's bounds admit is read as PostgreSQL reads it")
    func octal() throws {
        let rule = "[[settings]]\nname = \"statement_timeout\"\nmin = 10\nmax = 60000"
        let gate = try Gate(rule, statements: "[\"SET\"]")
        #expect(gate.denial("SET statement_timeout = 10") == nil)
        #expect(gate.denial("SET statement_timeout = '60000'") == nil)
        for value in ["'010'", "'+10'", "'0x10'", "'10s'", "'1e1'", "9"] {
            #expect(gate.denial("SET statement_timeout = \(value)") != nil, "\(value)")
        }
    }
}
