import Testing

@testable import SQLInspection

@Suite("Relations, how they are accessed, and CTE scopes")
struct RelationTests {
    static let accessForms: [(String, Set<String>)] = [
        ("SELECT 1 FROM t", ["select t"]), ("TABLE s.t", ["select s.t"]), ("SELECT 1 FROM d.s.t", ["select d.s.t"]),
        ("SELECT 1 FROM \"T\", ONLY u AS x", ["select T", "select u"]),
        ("SELECT 1 FROM a JOIN (b JOIN c ON true) ON true", ["select a", "select b", "select c"]),
        ("SELECT 1 FROM t TABLESAMPLE system (1)", ["select t"]),
        ("SELECT (SELECT 1 FROM a), EXISTS (SELECT 1 FROM b) FROM c", ["select a", "select b", "select c"]),
        ("SELECT 1 FROM (SELECT 1 FROM a UNION SELECT 1 FROM b) AS x", ["select a", "select b"]),
        ("SELECT 1 FROM t FOR UPDATE", ["select t", "update t"]),
        ("SELECT 1 FROM t, u FOR SHARE", ["select t", "update t", "select u", "update u"]),
        ("SELECT 1 FROM t AS x, u FOR UPDATE OF x", ["select t", "update t", "select u"]),
        (
            "SELECT 1 FROM t AS x, u FOR UPDATE OF x FOR KEY SHARE OF u",
            ["select t", "update t", "select u", "update u"]
        ),
        ("SELECT 1 FROM t JOIN u ON true FOR UPDATE OF u", ["select t", "select u", "update u"]),
        ("SELECT 1 FROM (SELECT 1 FROM t) AS x, u FOR UPDATE OF x", ["select t", "update t", "select u"]),
        ("SELECT 1 FROM (SELECT 1 FROM t) AS x, u FOR UPDATE OF u", ["select t", "select u", "update u"]),
        ("SELECT 1 FROM (SELECT 1 FROM (SELECT 1 FROM t) AS y) AS x FOR UPDATE", ["select t", "update t"]),
        ("SELECT 1 FROM t WHERE a IN (SELECT 1 FROM u) FOR UPDATE", ["select t", "update t", "select u"]),
        ("SELECT 1 FROM (SELECT 1 FROM t FOR UPDATE) AS x, u", ["select t", "update t", "select u"]),
        ("SELECT 1 FROM t, f((SELECT 1 FROM u)) FOR UPDATE", ["select t", "update t", "select u"]),
        ("WITH a AS (SELECT 1 FROM u) SELECT 1 FROM t, a FOR UPDATE", ["select u", "select t", "update t"]),
        ("INSERT INTO t VALUES (1)", ["insert t"]), ("INSERT INTO t SELECT 1 FROM u", ["insert t", "select u"]),
        ("INSERT INTO t VALUES (1) RETURNING a", ["insert t", "select t"]),
        ("INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING", ["insert t", "select t"]),
        ("INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 1", ["insert t", "select t", "update t"]),
        ("UPDATE t SET a = 1", ["update t", "select t"]),
        ("UPDATE t SET a = 1 FROM u", ["update t", "select t", "select u"]),
        ("DELETE FROM t USING u", ["delete t", "select t", "select u"]),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", ["delete t", "select t", "select u"]),
        (
            "MERGE INTO t USING u ON true WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT VALUES (1)",
            ["update t", "insert t", "select t", "select u"]
        ),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DO NOTHING", ["select t", "select u"]),
        ("TRUNCATE t, ONLY s.u", ["truncate t", "truncate s.u"]), ("LOCK t, s.u", ["lock t", "lock s.u"]),
        ("COPY s.t FROM STDIN", ["insert s.t"]), ("COPY s.t TO STDOUT", ["select s.t"]),
        ("COPY (SELECT 1 FROM t) TO STDOUT", ["select t"]),
        ("COPY (DELETE FROM t RETURNING a) TO STDOUT", ["delete t", "select t"]),
        ("CREATE TABLE n AS SELECT 1 FROM t", ["create n", "select t"]),
        ("CREATE TABLE n AS TABLE t", ["create n", "select t"]), ("SELECT 1 INTO n FROM t", ["create n", "select t"]),
        ("SELECT 1 INTO n UNION SELECT 2 FROM t", ["create n", "select t"]),
        ("EXPLAIN INSERT INTO t VALUES (1)", ["insert t"]), ("DECLARE c CURSOR FOR SELECT 1 FROM t", ["select t"]),
        ("PREPARE p AS DELETE FROM t", ["delete t", "select t"]),
    ]

    @Test(arguments: accessForms)
    func `access by mode`(sql: String, uses: Set<String>) throws {
        let facts = try facts(of: sql)
        #expect(facts.relationUses == uses)
        #expect(facts.undecided == nil)
    }

    static let scopeForms: [(String, Set<String>)] = [
        ("WITH a AS (SELECT 1) SELECT * FROM a", []),
        ("WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b", ["select b"]),
        ("WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b", []),
        ("WITH a AS (SELECT * FROM a) SELECT * FROM a", ["select a"]),
        ("WITH RECURSIVE a AS (SELECT * FROM a) SELECT * FROM a", []),
        ("WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b", []),
        ("WITH a AS (SELECT 1) SELECT * FROM s.a", ["select s.a"]),
        ("WITH a AS (SELECT 1) SELECT * FROM \"A\"", ["select A"]),
        ("WITH \"A\" AS (SELECT 1) SELECT * FROM a", ["select a"]),
        ("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) AS x, a", ["select a"]),
        ("WITH a AS (SELECT 1) SELECT * FROM (SELECT * FROM a) AS x", []),
        ("WITH a AS (SELECT 1) SELECT (SELECT 1 FROM a WHERE EXISTS (TABLE a))", []),
        ("WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b) SELECT * FROM a, b", ["select b"]),
        ("WITH a AS (SELECT 1) SELECT * FROM (WITH a AS (SELECT * FROM a) SELECT * FROM a) AS x", []),
        ("WITH a AS (SELECT 1) (SELECT * FROM a) UNION SELECT * FROM a", []),
        ("(WITH a AS (SELECT 1) SELECT * FROM a) UNION SELECT * FROM a", ["select a"]),
        ("WITH a AS (SELECT 1) SELECT 1 ORDER BY (SELECT 1 FROM a)", []),
        ("SELECT 1 WHERE EXISTS (WITH a AS (SELECT 1) TABLE a) OR EXISTS (TABLE a)", ["select a"]),
        ("WITH t AS (SELECT 1) INSERT INTO t SELECT * FROM t", ["insert t"]),
        ("INSERT INTO t WITH t AS (SELECT 1) SELECT * FROM t", ["insert t"]),
        (
            "INSERT INTO t WITH a AS (SELECT 1) SELECT * FROM a RETURNING (SELECT 1 FROM a)",
            ["insert t", "select t", "select a"]
        ),
        ("WITH t AS (SELECT 1) UPDATE t SET a = 1 FROM t AS x", ["update t", "select t"]),
        ("WITH t AS (SELECT 1) DELETE FROM t USING t AS x", ["delete t", "select t"]),
        ("WITH a AS (SELECT 1) MERGE INTO a USING a AS x ON true WHEN MATCHED THEN DELETE", ["delete a", "select a"]),
        ("WITH a AS (DELETE FROM a RETURNING *) SELECT * FROM a", ["delete a", "select a"]),
        ("WITH a AS (SELECT 1) SELECT * FROM a FOR UPDATE", []),
        ("WITH a AS (SELECT 1) SELECT * FROM ONLY a", []),
        ("WITH a AS (SELECT 1) SELECT * FROM t JOIN a ON true", ["select t"]),
        ("WITH RECURSIVE a AS (WITH b AS (TABLE a) TABLE b) TABLE b", ["select b"]),
        ("EXPLAIN WITH a AS (SELECT 1) TABLE a", []), ("COPY (WITH a AS (SELECT 1) TABLE a) TO STDOUT", []),
        ("PREPARE p AS WITH a AS (SELECT 1) TABLE a", []),
        ("CREATE TABLE n AS WITH n AS (SELECT 1) TABLE n", ["create n"]),
        ("WITH a AS (SELECT 1), b AS (WITH a AS (TABLE t) TABLE a) SELECT * FROM a, b", ["select t"]),
    ]

    @Test(arguments: scopeForms)
    func `a CTE hides a relation exactly where it is in scope`(sql: String, uses: Set<String>) throws {
        #expect(try facts(of: sql).relationUses == uses)
    }

    @Test func `one statement's CTEs are not the next one's`() throws {
        let statements = try statements(of: "WITH a AS (SELECT 1) TABLE a; TABLE a")
        #expect(statements.map(\.facts.relationUses) == [[], ["select a"]])
    }
}
