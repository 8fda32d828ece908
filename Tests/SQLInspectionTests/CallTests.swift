import Testing

@testable import SQLInspection

@Suite("Calls and their arguments")
struct CallTests {
    static let nameForms: [(String, String)] = [
        ("SELECT PGML.Embed(1)", "pgml.embed"),
        ("SELECT \"PGML\".\"Embed\"(1)", "PGML.Embed"),
        ("SELECT U&\"pg\\006dl\".U&\"!0065mbed\" UESCAPE '!'(1)", "pgml.embed"),
        ("SELECT pgml . embed (1)", "pgml.embed"),
        ("SELECT pgml/**/./**/embed--\n(1)", "pgml.embed"),
        ("SELECT \"a\"\"b\".\"c.d\"(1)", "a\"b.c.d"),
        ("SELECT db.s.f(1)", "db.s.f"),
        ("SELECT ÄB.É(1)", "Äb.É"),
        ("SELECT \"select\"(1)", "select"),
        (
            "SELECT s.a123456789012345678901234567890123456789012345678901234567890123456789(1)",
            "s.a12345678901234567890123456789012345678901234567890123456789012"
        ),
    ]

    @Test(arguments: nameForms)
    func `names are as PostgreSQL's parser gives them`(sql: String, name: String) throws {
        #expect(try facts(of: sql).callNames == [name])
    }

    @Test func `a name of four parts is undecided`() throws {
        #expect(try facts(of: "SELECT a.b.c.d(1)").undecided?.node == "FuncCall.funcname")
    }

    static let argumentForms: [(String, ArgumentValue)] = [
        ("1", ArgumentValue.constant(0)), ("'x'", .constant(0)), ("-5", .constant(0)), ("1.5", .constant(0)),
        ("B'1'", .constant(0)), ("$3", .parameter(3)), ("NULL", .null), ("true", .boolean(true)),
        ("false", .boolean(false)), ("((('x')))", .constant(0)),
        ("ARRAY['a', $1, NULL]", .array([.constant(0), .parameter(1), .null])), ("ARRAY[]", .array([])),
        ("ARRAY[['a'], [b]]", .array([.array([.constant(0)]), .array([.other])])),
        ("'x'::jsonb", .cast(.constant(0), TypeUse(name: QualifiedName("jsonb")))),
        ("CAST($1 AS s.t)", .cast(.parameter(1), TypeUse(name: QualifiedName(schema: "s", "t")))),
        ("date 'x'", .cast(.constant(0), TypeUse(name: QualifiedName("date")))),
        (
            "$1::text::real[]",
            .cast(
                .cast(.parameter(1), TypeUse(name: QualifiedName("text"))),
                TypeUse(name: QualifiedName(schema: "pg_catalog", "float4"), isArray: true)
            )
        ),
        ("a", .other), ("a.b", .other), ("'a' || 'b'", .other), ("g()", .other), ("(SELECT 'x')", .other),
        ("ROW('x')", .other), ("'x' COLLATE \"C\"", .other), ("CASE WHEN a THEN 'x' END", .other),
        ("COALESCE('x')", .other), ("ARRAY(SELECT 'x')", .other), ("($1)[1]", .other), ("($1).a", .other),
        ("+5", .other), ("- $1", .other), ("NOT true", .other), ("CURRENT_USER", .other), ("DEFAULT", .other),
    ]

    @Test(arguments: argumentForms)
    func `an argument is a constant, a parameter, or not knowable`(text: String, value: ArgumentValue) throws {
        #expect(try facts(of: "SELECT f(\(text))").calls[0].arguments == [Argument(value: value)])
    }

    @Test func `casts deeper than sixteen are not knowable`() throws {
        let sql = "SELECT f('x'" + String(repeating: "::t", count: 40) + ")"
        let facts = try facts(of: sql)
        var value = facts.calls[0].arguments[0].value
        var depth = 0
        while case .cast(let inner, _) = value { (value, depth) = (inner, depth + 1) }
        #expect(value == .other && depth == 16)
        #expect(facts.types.count == 40)
        #expect(facts.constants.map(\.value) == ["x"])
    }

    @Test func `named arguments keep their names`() throws {
        let facts = try facts(of: "SELECT f(1, task => $2, \"Kw\" := 'x')")
        #expect(facts.calls[0].arguments.map(\.name) == [nil, "task", "Kw"])
        #expect(facts.calls[0].arguments.map(\.value) == [.constant(0), .parameter(2), .constant(1)])
    }

    @Test func `stars and VARIADIC are seen`() throws {
        let facts = try facts(of: "SELECT count(*), f(VARIADIC $1), g(1)")
        #expect(facts.calls.map(\.hasStar) == [true, false, false])
        #expect(facts.calls.map(\.isVariadic) == [false, true, false])
    }

    static let valueFunctionForms: [(String, String)] = [
        ("CURRENT_DATE", "current_date"), ("CURRENT_TIME", "current_time"), ("CURRENT_TIME(1)", "current_time"),
        ("CURRENT_TIMESTAMP", "current_timestamp"), ("CURRENT_TIMESTAMP(1)", "current_timestamp"),
        ("LOCALTIME", "localtime"), ("LOCALTIME(1)", "localtime"), ("LOCALTIMESTAMP", "localtimestamp"),
        ("LOCALTIMESTAMP(1)", "localtimestamp"), ("CURRENT_ROLE", "current_role"), ("CURRENT_USER", "current_user"),
        ("USER", "user"), ("SESSION_USER", "session_user"), ("CURRENT_CATALOG", "current_catalog"),
        ("CURRENT_SCHEMA", "current_schema"),
    ]

    @Test(arguments: valueFunctionForms)
    func `value functions are calls`(sql: String, name: String) throws {
        #expect(try facts(of: "SELECT \(sql)").callNames == ["pg_catalog.\(name)"])
        #expect(try facts(of: "SELECT * FROM \(sql)").calls.map(\.place) == [.from])
    }

    static let syntaxForms: [(String, String)] = [
        ("a AT TIME ZONE 'x'", "pg_catalog.timezone"), ("EXTRACT(year FROM a)", "pg_catalog.extract"),
        ("OVERLAY(a PLACING b FROM 1)", "pg_catalog.overlay"), ("POSITION(a IN b)", "pg_catalog.position"),
        ("SUBSTRING(a FROM 1)", "pg_catalog.substring"), ("TRIM(a)", "pg_catalog.btrim"),
        ("TRIM(LEADING a FROM b)", "pg_catalog.ltrim"), ("TRIM(TRAILING a FROM b)", "pg_catalog.rtrim"),
        ("NORMALIZE(a)", "pg_catalog.normalize"), ("a IS NORMALIZED", "pg_catalog.is_normalized"),
        ("COLLATION FOR (a)", "pg_catalog.pg_collation_for"), ("TREAT(a AS t)", "pg_catalog.t"),
        ("(a, b) OVERLAPS (c, d)", "pg_catalog.overlaps"), ("a LIKE b ESCAPE c", "pg_catalog.like_escape"),
        ("xmlparse(CONTENT a)", "pg_catalog.xmlparse"), ("xmlelement(name x, a)", "pg_catalog.xmlelement"),
        ("a IS DOCUMENT", "pg_catalog.xml_is_document"), ("xmlserialize(CONTENT a AS text)", "pg_catalog.xmlserialize"),
        ("a SIMILAR TO b", "pg_catalog.similar_to_escape"), ("xmlexists(a PASSING b)", "pg_catalog.xmlexists"),
        ("OVERLAY(a, b)", "overlay"), ("SUBSTRING(a, 1)", "substring"),
    ]

    @Test(arguments: syntaxForms)
    func `syntax for a function is a call`(sql: String, name: String) throws {
        #expect(try facts(of: "SELECT \(sql)").callNames == [name])
    }

    @Test func `COALESCE, GREATEST, NULLIF and GROUPING are no calls`() throws {
        #expect(
            try facts(of: "SELECT COALESCE(a), GREATEST(a), LEAST(a), NULLIF(a, b), GROUPING(a), ROW(a)").calls == []
        )
    }

    @Test func `settings functions are calls like any other`() throws {
        let facts = try facts(of: "SELECT set_config('search_path', 'evil', false), current_setting('x')")
        #expect(facts.callNames == ["set_config", "current_setting"])
        #expect(facts.settings == [])
        #expect(facts.constants.map(\.isInterchangeable) == [false, false, true])
    }

    static let parameterForms: [(String, Int)] = [
        ("SELECT $1", 1), ("SELECT 1", 0), ("SELECT $2, $10, $3", 10), ("PREPARE p AS SELECT $4", 4),
        ("INSERT INTO t VALUES ($1) RETURNING f($7)", 7),
    ]

    @Test(arguments: parameterForms)
    func `the highest parameter is counted`(sql: String, count: Int) throws {
        #expect(try facts(of: sql).parameterCount == count)
    }

    @Test func `parameters are listed where not all up to the highest are there`() throws {
        #expect(try facts(of: "SELECT $2, $1, $2").sparseParameters == [])
        #expect(try facts(of: "SELECT $3, $1").sparseParameters == [1, 3])
        #expect(try facts(of: "SELECT $2147483647").sparseParameters == [2_147_483_647])
    }

    @Test func `parameters that stand more than once are counted`() throws {
        #expect(try facts(of: "SELECT f($1, $2), $2").repeatedParameters == [2: 2])
        #expect(try facts(of: "SELECT f($1, ARRAY[$1::text]) WHERE $1 = ANY (SELECT $2)").repeatedParameters == [1: 2])
        #expect(try facts(of: "SELECT $1::text, f($1::varchar)").repeatedParameters == [:])
        #expect(try facts(of: "SELECT $1::text[], $1::varchar(3), $1::s.text, $1::text").repeatedParameters == [1: 3])
        #expect(
            try facts(of: "PREPARE p(text) AS UPDATE t SET (a, b) = ($1, $1) WHERE c = $2").repeatedParameters == [1: 2]
        )
        #expect(try facts(of: "SELECT f(VARIADIC $1), g(a => $2)").repeatedParameters == [:])
    }

    @Test func `parameter zero is undecided`() throws {
        #expect(try facts(of: "SELECT $0").undecided?.node == "ParamRef.number")
    }

    static let attributeForms: [(String, [String], AttributeUse.Base)] = [
        ("SELECT x.f FROM t x", ["f"], AttributeUse.Base.fromItem), ("SELECT s.t.f FROM s.t", ["f"], .fromItem),
        ("SELECT d.s.t.f FROM s.t", ["f"], .fromItem), ("SELECT (x).f FROM x", ["f"], .expression),
        ("SELECT (x.a).f FROM x", ["f", "a"], .expression), ("SELECT a[1].f FROM x", ["f"], .expression),
        ("SELECT ($1).f", ["f"], .expression), ("SELECT (g(1)).f", ["f"], .expression),
        ("SELECT ((a)).f.g FROM x", ["f", "g"], .expression), ("UPDATE t SET a.f = 1", ["f"], .expression),
        ("INSERT INTO t (a.f) VALUES (1)", ["f"], .expression), ("SELECT x.\"F\" FROM x", ["F"], .fromItem),
        ("SELECT x.* FROM x", [], .fromItem), ("SELECT (x).* FROM x", [], .fromItem),
        ("SELECT f FROM x", [], .fromItem),
        ("SELECT 1 FROM a JOIN b ON a.f = 1", ["f"], .fromItem), ("DELETE FROM t WHERE t.f", ["f"], .fromItem),
    ]

    @Test(arguments: attributeForms)
    func `an attribute may be a call`(sql: String, names: [String], base: AttributeUse.Base) throws {
        let attributes = try facts(of: sql).attributes
        #expect(Set(attributes.map(\.name)) == Set(names), "\(sql)")
        #expect(names.isEmpty || attributes.contains(AttributeUse(name: names[0], base: base)), "\(sql)")
    }

    @Test func `all attributes of a call still make the call`() throws {
        #expect(try facts(of: "SELECT (f(x)).*, ((g(1)).a).*").callNames == ["f", "g"])
    }
}
