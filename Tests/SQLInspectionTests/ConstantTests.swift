import Testing

@testable import SQLInspection

@Suite("Constants, their places in the text, and which may vary")
struct ConstantTests {
    /// Values in the order of the text.
    static let valueForms: [(String, [String])] = [
        ("SELECT 'it''s'", ["it's"]), ("SELECT E'a\\n\\x41'", ["a\nA"]), ("SELECT U&'d\\0061t'", ["dat"]),
        ("SELECT $$a'b$$, $t$c$t$", ["a'b", "c"]), ("SELECT 'al'\n'pha'", ["alpha"]),
        ("SELECT B'101', X'1F'", ["b101", "x1F"]),
        ("SELECT 1, -1, 2147483647, 2147483648", ["1", "-1", "2147483647", "2147483648"]),
        ("SELECT -2147483648, - 5, -(5), - -5", ["-2147483648", "-5", "-5", "5"]),
        ("SELECT 1.5, .5, 1e10, -1.5", ["1.5", ".5", "1e10", "-1.5"]), ("SELECT 3 -5", ["3", "5"]),
        ("SELECT true, NULL", []), ("SELECT 'größe', '🙂'", ["größe", "🙂"]), ("SELECT ''", [""]),
        ("SELECT 1 FROM t LIMIT 2 OFFSET 3", ["1", "2", "3"]), ("SELECT 1 FROM t OFFSET 3 LIMIT 2", ["1", "3", "2"]),
        ("UPDATE t SET (a, b) = (1, 2), (c, d) = (SELECT 3, 4)", ["1", "2", "3", "4"]),
        ("SELECT 'x'::varchar(10), f('y', 'z'::char(3))", ["x", "10", "y", "z", "3"]),
        (
            "INSERT INTO t (a[1]) VALUES (2) ON CONFLICT (f(3)) DO UPDATE SET a = 4 RETURNING 5",
            ["1", "2", "3", "4", "5"]
        ),
        ("LISTEN a", []), ("NOTIFY a, 'x'", []), ("PREPARE TRANSACTION 'x'", []), ("COPY t FROM '/x'", []),
        ("FETCH 5 FROM c", []), ("EXPLAIN (COSTS 1, FORMAT 'json') SELECT 2", ["2"]), ("SELECT a::int[3]", []),
        ("SELECT CURRENT_TIME(3)", []), ("SELECT float(10) '1'", ["1"]),
    ]

    @Test(arguments: valueForms)
    func `every literal with text of its own, in the order of the text`(sql: String, values: [String]) throws {
        #expect(try facts(of: sql).constants.map(\.value) == values)
    }

    @Test(arguments: [
        "SELECT <1>, <'a'>, <-5>", "SELECT f(<'ä'>, <'b'>)", "SELECT <'🙂'>, <2>", "SELECT a IN (<1>, <2>)",
        "/* c */ SELECT <1> -- x\n, <'y'>", "SELECT <E'x'>, <U&'x'>, <$$x$$>, <B'1'>", "SELECT - <1>",
        "SELECT 1; SELECT <2>, <'x'>", "SELECT <'al'>\n'pha'", "VALUES (<1>, <'a'>)", "SELECT <'x'>::text",
        "SELECT CASE <1> WHEN <2> THEN <3> ELSE <4> END", "SELECT a FROM t LIMIT <1> OFFSET <2>",
        "INSERT INTO t VALUES (<1>) RETURNING <'x'>", "SELECT a FROM t WHERE b BETWEEN <1> AND <2>",
        "SELECT (f(<1>))[<2>]",
    ])
    func `offsets are the bytes at which literals start`(marked: String) throws {
        var bytes: [UInt8] = []
        var offsets: [Int] = []
        for byte in marked.utf8 {
            if byte == UInt8(ascii: "<") {
                offsets.append(bytes.count)
            } else if byte != UInt8(ascii: ">") {
                bytes.append(byte)
            }
        }
        let last = try #require(statements(of: String(decoding: bytes, as: UTF8.self)).last)
        // A folded sign is part of the literal.
        let expected = marked.contains("- <1>") ? offsets.map { $0 - 2 } : offsets
        #expect(last.facts.constants.map(\.offset) == expected)
    }

    static let fixedForms: [(String, [FixedReason?])] = [
        ("SELECT 1, 'x', f(2.5), ARRAY['a']", [nil, nil, nil, nil]), ("SELECT a FROM t LIMIT 5 OFFSET 1", [nil, nil]),
        ("SELECT a FROM t WHERE b = 1 AND c IN ('x', 'y') AND d LIKE 'z%'", [nil, nil, nil, nil]),
        ("SELECT a FROM t ORDER BY 1", [.sortPosition]), ("SELECT a FROM t ORDER BY (1) DESC", [.sortPosition]),
        ("SELECT a FROM t ORDER BY a + 1", [nil]), ("SELECT a FROM t ORDER BY 1 COLLATE \"C\"", [.sortPosition]),
        ("SELECT a FROM t ORDER BY a <-> '[1]'::vector", [nil]), ("SELECT a FROM t ORDER BY f('x')", [nil]),
        ("SELECT a FROM t GROUP BY 1, 2", [.sortPosition, .sortPosition]),
        ("SELECT a FROM t GROUP BY (1, 2)", [.sortPosition, .sortPosition]),
        ("SELECT a FROM t GROUP BY ROLLUP (1, (2, 3))", [.sortPosition, .sortPosition, .sortPosition]),
        ("SELECT a FROM t GROUP BY GROUPING SETS ((1), CUBE (2))", [.sortPosition, .sortPosition]),
        ("SELECT a FROM t GROUP BY a + 1", [nil]), ("SELECT DISTINCT ON (1) a FROM t", [.sortPosition]),
        ("SELECT 1 UNION SELECT 2 ORDER BY 1", [nil, nil, .sortPosition]),
        ("SELECT 'x'::text, CAST('1' AS int), '{}'::jsonb, '1'::numeric", [nil, nil, nil, nil]),
        ("SELECT 'x'::pg_catalog.text, '{a}'::text[]", [nil, nil]), ("SELECT 'x'::other.text", [.typedLiteral]),
        ("SELECT 'x'::regclass, 'y'::pg_catalog.regproc", [.objectName, .objectName]),
        ("SELECT ARRAY['x']::regclass[]", [.objectName]), ("SELECT ('x')::regclass", [.objectName]),
        ("SELECT ('x' COLLATE \"C\")::regclass", [.objectName]), ("SELECT 'x'::text::regclass", [.objectName]),
        ("SELECT f('x'::text::regclass)", [.objectName]), ("SELECT f('x'::regclass)", [.objectName]),
        ("SELECT f(ARRAY['x']::regclass[], 'y')", [.objectName, nil]),
        ("SELECT 'now'::timestamptz, 'x'::s.dom", [.typedLiteral, .typedLiteral]),
        ("SELECT date 'today', text 'x', s.dom 'y'", [.typedLiteral, .typedLiteral, .typedLiteral]),
        ("SELECT f(date 'today', 'x')", [.typedLiteral, nil]),
        ("SELECT a::varchar(10), b::numeric(3, 2)", [.typeModifier, .typeModifier, .typeModifier]),
        ("SELECT set_config('a', 'b' || 'c', true), 'd'", [.settingValue, .settingValue, .settingValue, nil]),
        ("SELECT pg_catalog.set_config(f('a'))", [.settingValue]), ("SET a = 1", [.settingValue]),
        ("PREPARE p AS SELECT 1", [.other]), ("EXPLAIN SELECT 1", [nil]),
        ("DECLARE c CURSOR FOR SELECT 1", [nil]), ("EXECUTE p(1)", [nil]), ("COPY (SELECT 1) TO STDOUT", [nil]),
        ("SELECT EXTRACT('year' FROM a), EXTRACT(year FROM a)", [.other, .other]),
        ("SELECT xmlelement(name a, 'x')", [.other]),
        ("SELECT * FROM XMLTABLE('/a' PASSING 'x' COLUMNS a int)", [.other, .other]),
        ("SELECT a FROM t FETCH FIRST ROW ONLY", [.other]), ("SELECT sum(a) OVER (ORDER BY 1)", [.sortPosition]),
    ]

    @Test(arguments: fixedForms)
    func `a literal whose value means something is fixed`(sql: String, reasons: [FixedReason?]) throws {
        #expect(try facts(of: sql).constants.map(\.fixed) == reasons)
    }

    @Test(arguments: [
        ("1", Constant.Kind.integer), ("-1", .integer), ("2147483647", .integer), ("2147483648", .decimal),
        ("-2147483648", .decimal), ("1.0", .decimal), ("1e3", .decimal), ("'1'", .string), ("B'1'", .bitString),
        ("X'1'", .bitString), ("E'1'", .string), ("$$1$$", .string),
    ])
    func `kinds`(literal: String, kind: Constant.Kind) throws {
        #expect(try facts(of: "SELECT \(literal)").constants.map(\.kind) == [kind])
    }

    @Test func `arguments refer to constants by their place in the text`() throws {
        let facts = try facts(of: "SELECT f('b'::varchar(1), 'c') FROM t OFFSET 3 LIMIT 2")
        #expect(facts.constants.map(\.value) == ["b", "1", "c", "3", "2"])
        #expect(facts.calls[0].arguments[1].value == .constant(2))
        guard case .cast(let value, _) = facts.calls[0].arguments[0].value else {
            Issue.record("a cast")
            return
        }
        #expect(value == .constant(0))
    }
}
