import Testing

@testable import SQLInspection

@Suite("What the walk does not answer for")
struct UndecidedTests {
    @Test(arguments: [
        "DO 'x'", "CALL p()", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'", "ALTER FUNCTION f() STABLE", "DROP FUNCTION f",
        "CREATE FUNCTION f() RETURNS int RETURN 1", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END",
        "CREATE TABLE t (a int)", "CREATE TEMP TABLE t (a int)", "CREATE TABLE t PARTITION OF u DEFAULT",
        "ALTER TABLE t ADD COLUMN b int", "ALTER TABLE t RENAME TO u", "ALTER TABLE t SET SCHEMA s", "DROP TABLE t",
        "ALTER TABLE t OWNER TO u", "CREATE INDEX ON t (f(a))", "REINDEX TABLE t", "CLUSTER t", "VACUUM t", "ANALYZE t",
        "CREATE VIEW v AS SELECT 1", "CREATE MATERIALIZED VIEW v AS SELECT 1", "REFRESH MATERIALIZED VIEW v",
        "CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING",
        "CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f()",
        "CREATE EVENT TRIGGER g ON ddl_command_start EXECUTE FUNCTION f()", "ALTER EVENT TRIGGER g DISABLE",
        "CREATE SEQUENCE s", "ALTER SEQUENCE s RESTART", "CREATE SCHEMA s", "CREATE DATABASE d", "DROP DATABASE d",
        "ALTER DATABASE d SET a = 1", "ALTER DATABASE d RESET ALL", "ALTER ROLE r SET search_path = x",
        "ALTER ROLE r SUPERUSER",
        "ALTER USER r PASSWORD 'x'", "CREATE ROLE r", "CREATE USER u", "DROP ROLE r", "GRANT r TO u",
        "REVOKE ALL ON t FROM u",
        "GRANT EXECUTE ON FUNCTION f TO u", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO u",
        "REASSIGN OWNED BY a TO b",
        "DROP OWNED BY a", "CREATE POLICY p ON t USING (true)", "ALTER POLICY p ON t USING (true)",
        "SECURITY LABEL ON TABLE t IS 'x'",
        "COMMENT ON TABLE t IS 'x'", "ALTER SYSTEM SET a = 1", "ALTER SYSTEM RESET ALL", "LOAD 'x'", "CHECKPOINT",
        "CREATE EXTENSION e", "ALTER EXTENSION e UPDATE", "CREATE LANGUAGE l",
        "CREATE OPERATOR + (PROCEDURE = f, LEFTARG = int)",
        "CREATE AGGREGATE a (int) (SFUNC = f, STYPE = int)", "CREATE TYPE t AS (a int)", "CREATE TYPE t AS ENUM ('a')",
        "CREATE TYPE t AS RANGE (SUBTYPE = int)", "CREATE DOMAIN d AS int CHECK (f(VALUE))",
        "ALTER DOMAIN d DROP DEFAULT",
        "ALTER TYPE t ADD VALUE 'x'", "CREATE CAST (a AS b) WITHOUT FUNCTION", "CREATE COLLATION c FROM \"C\"",
        "CREATE CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM f",
        "CREATE OPERATOR CLASS c FOR TYPE int USING btree AS STORAGE int",
        "CREATE FOREIGN DATA WRAPPER w", "CREATE SERVER s FOREIGN DATA WRAPPER w", "CREATE USER MAPPING FOR u SERVER s",
        "CREATE FOREIGN TABLE t (a int) SERVER s", "IMPORT FOREIGN SCHEMA s FROM SERVER x INTO y",
        "CREATE PUBLICATION p",
        "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", "DROP SUBSCRIPTION s",
        "CREATE STATISTICS s ON a, b FROM t",
        "CREATE TABLESPACE s LOCATION '/x'", "DROP TABLESPACE s", "CREATE TEXT SEARCH CONFIGURATION c (PARSER = p)",
        "CREATE ACCESS METHOD m TYPE INDEX HANDLER h", "CREATE TRANSFORM FOR t LANGUAGE l (FROM SQL WITH FUNCTION f)",
        "SET CONSTRAINTS ALL DEFERRED", "DROP VIEW v", "DROP SCHEMA s CASCADE",
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "ALTER INDEX i SET (fillfactor = 1)", "ALTER OPERATOR + (int, int) OWNER TO u",
        "ALTER LARGE OBJECT 1 OWNER TO u",
    ])
    func `other kinds of statements are unknown`(sql: String) throws {
        let facts = try facts(of: sql)
        #expect(facts.kinds == [.unknown])
        #expect(facts.undecided != nil)
        #expect(facts.undecided?.reason.isEmpty == false)
    }

    static let fieldForms: [(String, String)] = [
        ("COPY t FROM '/etc/passwd'", "CopyStmt.filename"), ("COPY t TO PROGRAM 'x'", "CopyStmt.is_program"),
        ("COPY t FROM STDIN (ENCODING 'SJIS')", "CopyStmt.options"),
        ("COPY t FROM STDIN (nonsense)", "CopyStmt.options"),
        ("COPY (SELECT 1) TO '/x'", "CopyStmt.filename"), ("TRUNCATE t CASCADE", "TruncateStmt.behavior"),
        ("EXPLAIN (GENERIC_PLAN) SELECT 1", "ExplainStmt.options"),
        ("EXPLAIN (SERIALIZE text) SELECT 1", "ExplainStmt.options"),
        ("CREATE TABLE n WITH (fillfactor = 1) AS SELECT 1", "IntoClause.options"),
        ("CREATE TABLE n TABLESPACE s AS SELECT 1", "IntoClause.tableSpaceName"),
        ("CREATE TABLE n USING heap AS SELECT 1", "IntoClause.accessMethod"),
        ("INSERT INTO t VALUES (1) ON CONFLICT (a s.ops) DO NOTHING", "IndexElem.opclass"),
        ("SET a FROM CURRENT", "VariableSetStmt.kind"), ("SELECT a.b.c.d()", "FuncCall.funcname"),
        ("SELECT 1 OPERATOR(a.b.c.+) 2", "A_Expr.name"), ("SELECT a::b.c.d.e", "TypeName.names"),
        ("SELECT a COLLATE b.c.d.e", "CollateClause.collname"), ("SELECT $0", "ParamRef.number"),
        ("EXPLAIN CREATE MATERIALIZED VIEW v AS SELECT 1", "CreateTableAsStmt.objtype"),
        ("EXPLAIN REFRESH MATERIALIZED VIEW v", "RefreshMatViewStmt"),
    ]

    @Test(arguments: fieldForms)
    func `fields without facts leave the statement undecided`(sql: String, node: String) throws {
        #expect(try facts(of: sql).undecided?.node == node)
    }

    @Test func `one bad statement does not spoil its neighbours`() throws {
        let statements = try statements(of: "SELECT f(); DO 'x'; SELECT g()")
        #expect(statements.map { $0.facts.undecided == nil } == [true, false, true])
        #expect(statements[2].facts.callNames == ["g"])
    }

    @Test(arguments: CorpusStatement.all)
    func `every statement of the corpus has facts or a reason`(statement: CorpusStatement) throws {
        for found in try statements(of: statement.sql) {
            #expect(found.facts.kinds.contains(.unknown) ? found.facts.undecided != nil : true)
        }
    }

    @Test func `the corpus is read`() {
        #expect(CorpusStatement.all.count >= 150)
        #expect(CorpusStatement.named("a constant") == "SELECT 1")
    }
}
