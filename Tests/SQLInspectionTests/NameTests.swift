import Testing

@testable import SQLInspection

@Suite("Operators, types and collations")
struct NameTests {
    static let operatorForms: [(String, Set<String>)] = [
        ("1 + 2", ["+"]), ("-a", ["-"]), ("a OPERATOR(s.+) b", ["s.+"]), ("a OPERATOR(d.s.+) b", ["d.s.+"]),
        ("a <=> b", ["<=>"]), ("a != b", ["<>"]), ("a IN (1)", ["="]), ("a NOT IN (1)", ["<>"]),
        ("a IN (SELECT 1)", ["="]), ("a NOT IN (SELECT 1)", ["="]), ("a = ANY (b)", ["="]),
        ("a OPERATOR(s.<) ALL (b)", ["s.<"]), ("a > SOME (SELECT 1)", [">"]), ("a LIKE b", ["~~"]),
        ("a NOT LIKE b", ["!~~"]), ("a ILIKE b", ["~~*"]), ("a NOT ILIKE b", ["!~~*"]), ("a SIMILAR TO b", ["~"]),
        ("a NOT SIMILAR TO b", ["!~"]), ("a LIKE ANY (b)", ["~~"]), ("a BETWEEN 1 AND 2", ["<=", ">="]),
        ("a NOT BETWEEN 1 AND 2", ["<", ">"]), ("a BETWEEN SYMMETRIC 1 AND 2", ["<=", ">="]),
        ("a NOT BETWEEN SYMMETRIC 1 AND 2", ["<", ">"]), ("a IS DISTINCT FROM b", ["="]),
        ("a IS NOT DISTINCT FROM b", ["="]), ("NULLIF(a, b)", ["="]), ("CASE a WHEN 1 THEN 2 END", ["="]),
        ("CASE WHEN a THEN 2 END", []), ("(a, b) = (c, d)", ["="]), ("(a, b) < (c, d)", ["<"]),
        ("(a, b) >= (SELECT 1, 2)", [">="]), ("a IS NULL", []), ("a AND NOT b OR c", []), ("EXISTS (SELECT 1)", []),
        ("a -> 'b' ->> 'c'", ["->", "->>"]), ("a @@ b", ["@@"]), ("- 5", []), ("a[1]", []),
    ]

    @Test(arguments: operatorForms)
    func `operators that are written and that syntax implies`(sql: String, names: Set<String>) throws {
        #expect(try facts(of: "SELECT \(sql)").operatorNames == names)
    }

    static let clauseForms: [(String, Set<String>)] = [
        ("SELECT * FROM a JOIN b USING (c)", ["="]), ("SELECT * FROM a NATURAL JOIN b", ["="]),
        ("SELECT * FROM a NATURAL LEFT JOIN b", ["="]), ("SELECT * FROM a JOIN b ON true", []),
        ("SELECT * FROM a CROSS JOIN b", []), ("SELECT a FROM t ORDER BY a USING OPERATOR(s.<)", ["s.<"]),
        ("SELECT a FROM t ORDER BY a USING ~<~", ["~<~"]), ("SELECT f(a ORDER BY b USING >)", [">"]),
        ("SELECT a FROM t ORDER BY a DESC", []), ("UPDATE t SET a = 1 WHERE b <% c", ["<%"]),
    ]

    @Test(arguments: clauseForms)
    func `operators outside expressions`(sql: String, names: Set<String>) throws {
        #expect(try facts(of: sql).operatorNames == names)
    }

    static let typeForms: [(String, [String])] = [
        ("SELECT a::text", ["text"]), ("SELECT a::SETOF t", ["t"]), ("SELECT CAST(a AS int)", ["pg_catalog.int4"]),
        ("SELECT date 'x'", ["date"]),
        ("SELECT s.dom 'x'", ["s.dom"]), ("SELECT d.s.dom 'x'", ["d.s.dom"]), ("SELECT a::s.t[]", ["s.t[]"]),
        ("SELECT a::int ARRAY[3]", ["pg_catalog.int4[]"]), ("SELECT a::\"Dom\"", ["Dom"]),
        ("SELECT a::TEXT", ["text"]), ("SELECT interval '1' day", ["pg_catalog.interval"]),
        ("SELECT float '1'", ["pg_catalog.float8"]), ("SELECT ARRAY[]::evil.dom[]", ["evil.dom[]"]),
        ("SELECT * FROM f() AS t(a evil.dom, b int)", ["evil.dom", "pg_catalog.int4"]),
        ("SELECT * FROM ROWS FROM (f() AS (a evil.dom))", ["evil.dom"]),
        ("SELECT * FROM XMLTABLE('/a' PASSING b COLUMNS c evil.dom)", ["evil.dom"]),
        ("SELECT xmlserialize(CONTENT a AS evil.dom)", ["evil.dom"]),
        ("PREPARE p (evil.dom, int[]) AS SELECT 1", ["evil.dom", "pg_catalog.int4[]"]),
        ("SELECT a::evil.dom::text FROM t WHERE b = c::x.y", ["evil.dom", "text", "x.y"]),
        ("INSERT INTO t VALUES (a::evil.dom)", ["evil.dom"]), ("EXECUTE p(a::evil.dom)", ["evil.dom"]),
        ("SELECT f('x'::evil.dom)", ["evil.dom"]), ("SELECT f(ARRAY['x'::evil.dom])", ["evil.dom"]),
        ("SELECT a[1::evil.dom]", ["evil.dom"]), ("SELECT 1 LIMIT 1::evil.dom", ["evil.dom"]),
        ("SELECT bit varying(5) '1'", ["pg_catalog.varbit"]),
        ("SELECT timestamp with time zone 'now'", ["pg_catalog.timestamptz"]),
    ]

    @Test(arguments: typeForms)
    func `types are found wherever they are named`(sql: String, names: [String]) throws {
        let facts = try facts(of: sql)
        #expect(facts.typeNames == names)
        #expect(facts.undecided == nil)
    }

    @Test func `type modifiers and sets are marked`() throws {
        let types = try facts(of: "SELECT a::varchar(3), b::numeric, c::SETOF int").types
        #expect(types.map(\.hasModifier) == [true, false, false])
        #expect(types.map(\.isSet) == [false, false, true])
    }

    static let collationForms: [(String, [String])] = [
        ("SELECT a COLLATE \"C\"", ["C"]), ("SELECT a FROM t ORDER BY a COLLATE s.x", ["s.x"]),
        ("SELECT * FROM f() AS t(a text COLLATE s.x)", ["s.x"]),
        ("INSERT INTO t VALUES (1) ON CONFLICT (a COLLATE s.x) DO NOTHING", ["s.x"]),
    ]

    @Test(arguments: collationForms)
    func `collations`(sql: String, names: [String]) throws {
        #expect(try facts(of: sql).collations.map(\.description) == names)
    }
}
