import Testing

@testable import SQLInspection

@Suite("Kinds of statements and what they leave behind")
struct UtilityTests {
    static let kindForms: [(String, [String])] = [
        ("SELECT 1", ["SELECT"]), ("VALUES (1)", ["SELECT"]), ("TABLE t", ["SELECT"]), ("(SELECT 1)", ["SELECT"]),
        ("SELECT 1 UNION SELECT 2", ["SELECT"]), ("WITH a AS (SELECT 1) SELECT (SELECT 1)", ["SELECT"]),
        ("INSERT INTO t SELECT 1", ["INSERT"]), ("UPDATE t SET a = 1", ["UPDATE"]), ("DELETE FROM t", ["DELETE"]),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", ["MERGE"]),
        ("WITH a AS (INSERT INTO t VALUES (1)), b AS (DELETE FROM t) SELECT 1", ["SELECT", "INSERT", "DELETE"]),
        ("EXPLAIN SELECT 1", ["EXPLAIN", "SELECT"]), ("EXPLAIN ANALYZE DELETE FROM t", ["EXPLAIN", "DELETE"]),
        ("EXPLAIN DECLARE c CURSOR FOR SELECT 1", ["EXPLAIN", "DECLARE CURSOR", "SELECT"]),
        ("EXPLAIN CREATE TABLE n AS SELECT 1", ["EXPLAIN", "CREATE TABLE AS", "SELECT"]),
        ("EXPLAIN EXECUTE p", ["EXPLAIN", "EXECUTE"]),
        ("EXPLAIN SELECT 1 INTO n", ["EXPLAIN", "CREATE TABLE AS", "SELECT"]),
        ("DECLARE c CURSOR FOR SELECT 1", ["DECLARE CURSOR", "SELECT"]),
        ("PREPARE p AS SELECT 1", ["PREPARE", "SELECT"]),
        ("PREPARE p AS UPDATE t SET a = 1", ["PREPARE", "UPDATE"]), ("EXECUTE p", ["EXECUTE"]),
        ("COPY t FROM STDIN", ["COPY FROM"]), ("COPY t TO STDOUT", ["COPY TO"]),
        ("COPY (SELECT 1) TO STDOUT", ["COPY TO", "SELECT"]),
        ("COPY (DELETE FROM t RETURNING 1) TO STDOUT", ["COPY TO", "DELETE"]),
        ("CREATE TABLE n AS SELECT 1", ["CREATE TABLE AS", "SELECT"]),
        ("SELECT 1 INTO n", ["CREATE TABLE AS", "SELECT"]),
        ("SELECT 1 INTO n UNION SELECT 2", ["CREATE TABLE AS", "SELECT"]),
        ("CREATE TABLE n AS EXECUTE p", ["CREATE TABLE AS", "EXECUTE"]), ("FETCH c", ["FETCH"]), ("MOVE c", ["MOVE"]),
        ("CLOSE c", ["CLOSE"]), ("DEALLOCATE p", ["DEALLOCATE"]), ("DISCARD ALL", ["DISCARD"]), ("LOCK t", ["LOCK"]),
        ("TRUNCATE t", ["TRUNCATE"]), ("LISTEN c", ["LISTEN"]), ("UNLISTEN *", ["UNLISTEN"]),
        ("NOTIFY c, 'x'", ["NOTIFY"]),
        ("SET a = 1", ["SET"]), ("RESET a", ["RESET"]), ("SHOW a", ["SHOW"]), ("SET a TO DEFAULT", ["SET"]),
    ]

    @Test(arguments: kindForms)
    func `kinds, the carried ones behind`(sql: String, kinds: [String]) throws {
        let facts = try facts(of: sql)
        #expect(facts.kindNames == kinds)
        #expect(facts.undecided == nil)
    }

    static let transactionForms: [(String, StatementKind, TransactionControl)] = [
        ("BEGIN", StatementKind.begin, TransactionControl.begin), ("START TRANSACTION READ ONLY", .begin, .begin),
        ("COMMIT", .commit, .commit(chain: false)), ("END AND CHAIN", .commit, .commit(chain: true)),
        ("ROLLBACK", .rollback, .rollback(chain: false)), ("ABORT AND CHAIN", .rollback, .rollback(chain: true)),
        ("SAVEPOINT \"A b\"", .savepoint, .savepoint("A b")), ("RELEASE A", .release, .release("a")),
        ("ROLLBACK TO a", .rollback, .rollbackTo("a")), ("PREPARE TRANSACTION 'x'", .prepareTransaction, .twoPhase),
        ("COMMIT PREPARED 'x'", .commitPrepared, .twoPhase), ("ROLLBACK PREPARED 'x'", .rollbackPrepared, .twoPhase),
    ]

    @Test(arguments: transactionForms)
    func `transaction control`(sql: String, kind: StatementKind, control: TransactionControl) throws {
        let facts = try facts(of: sql)
        #expect(facts.kinds == [kind])
        #expect(facts.transaction == control)
        #expect(facts.undecided == nil)
    }

    @Test func `prepared statements`() throws {
        let text = TypeUse(name: QualifiedName("text"))
        let prepare = try facts(of: "PREPARE \"P\" (text) AS SELECT $1")
        #expect(prepare.preparedStatement == .prepare(name: "P", parameterTypes: [text]))
        #expect(prepare.sessionState == .preparedStatements)
        #expect(prepare.parameterCount == 1)
        let execute = try facts(of: "EXECUTE p('x', $1, a, 'y'::text)")
        #expect(
            execute.preparedStatement
                == .execute(name: "p", arguments: [.constant(0), .parameter(1), .other, .cast(.constant(1), text)])
        )
        #expect(try facts(of: "DEALLOCATE p").preparedStatement == .deallocate(name: "p"))
        #expect(try facts(of: "DEALLOCATE PREPARE ALL").preparedStatement == .deallocateAll)
    }

    @Test func `literals of a prepared statement are never interchangeable`() throws {
        #expect(try facts(of: "PREPARE p AS SELECT f('x'), 1 + 2").constants.allSatisfy { !$0.isInterchangeable })
    }

    @Test func `cursors`() throws {
        let declare = try facts(of: "DECLARE c CURSOR WITH HOLD FOR SELECT 1")
        #expect(declare.cursor == .declare(name: "c", isHoldable: true))
        #expect(declare.sessionState == .heldCursors)
        #expect(try facts(of: "DECLARE \"C\" CURSOR FOR SELECT 1").cursor == .declare(name: "C", isHoldable: false))
        #expect(try facts(of: "FETCH 5 c").cursor == .fetch(name: "c"))
        #expect(try facts(of: "MOVE ALL IN c").cursor == .fetch(name: "c"))
        #expect(try facts(of: "CLOSE c").cursor == .close(name: "c"))
        #expect(try facts(of: "CLOSE ALL").cursor == .closeAll)
    }

    static let discardForms: [(String, DiscardTarget)] = [
        ("DISCARD ALL", DiscardTarget.all), ("DISCARD PLANS", .plans), ("DISCARD SEQUENCES", .sequences),
        ("DISCARD TEMPORARY", .temporary),
    ]

    @Test(arguments: discardForms)
    func `DISCARD says what it throws away`(sql: String, target: DiscardTarget) throws {
        #expect(try facts(of: sql).discard == target)
    }

    static let copyForms: [(String, CopyDirection)] = [
        ("COPY t FROM STDIN", CopyDirection.fromClient), ("COPY t TO STDOUT", .toClient),
        ("COPY t FROM STDOUT", .fromClient), ("COPY (SELECT 1) TO STDIN", .toClient),
    ]

    @Test(arguments: copyForms)
    func `COPY's direction`(sql: String, direction: CopyDirection) throws {
        #expect(try facts(of: sql).copy == direction)
    }

    static let stateForms: [(String, SessionState)] = [
        ("CREATE TEMP TABLE n AS SELECT 1", [.temporaryObjects]),
        ("SELECT 1 INTO TEMPORARY n", .temporaryObjects), ("CREATE TABLE pg_temp.n AS SELECT 1", .temporaryObjects),
        ("CREATE TABLE n AS SELECT 1", []), ("LISTEN c", .notifications), ("UNLISTEN c", []), ("SELECT 1", []),
        ("SET a = 1", .settings), ("SET LOCAL a = 1", []), ("RESET a", .settings), ("RESET ALL", .settings),
        ("SET ROLE x", [.settings, .role]), ("RESET ROLE", [.settings, .role]), ("SET LOCAL ROLE x", []),
        ("SET SESSION AUTHORIZATION x", [.settings, .role]), ("SHOW a", []), ("BEGIN READ ONLY", []),
        ("EXPLAIN ANALYZE CREATE TEMP TABLE n AS SELECT 1", .temporaryObjects), ("LOAD 'x'", .loadedCode),
        ("DO 'x'", .unseen), ("CALL p()", .unseen), ("CREATE TABLE n ()", .unseen), ("DROP TABLE n", .unseen),
        ("CREATE MATERIALIZED VIEW n AS SELECT 1", .unseen), ("COPY t FROM PROGRAM 'x'", []),
        ("CREATE LOCAL TEMP TABLE n ()", [.unseen, .temporaryObjects]),
        ("CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'x'", [.unseen, .temporaryObjects]),
        ("CREATE TYPE pg_temp_3.e AS ENUM ()", [.unseen, .temporaryObjects]),
    ]

    @Test(arguments: stateForms)
    func `what is left in the session`(sql: String, state: SessionState) throws {
        #expect(try facts(of: sql).sessionState == state)
    }

    static let writeForms: [(String, Bool)] = [
        ("SELECT 1", false), ("INSERT INTO t VALUES (1)", true), ("UPDATE t SET a = 1", true), ("DELETE FROM t", true),
        ("WITH a AS (DELETE FROM t) SELECT 1", true), ("COPY t FROM STDIN", true), ("COPY t TO STDOUT", false),
        ("TRUNCATE t", true), ("CREATE TABLE n AS SELECT 1", true), ("SELECT 1 INTO n", true), ("LOCK t", false),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", true), ("PREPARE p AS DELETE FROM t", true),
        ("SELECT 1 FROM t FOR UPDATE", false), ("EXPLAIN DELETE FROM t", true),
    ]

    @Test(arguments: writeForms)
    func `whether data is written`(sql: String, writes: Bool) throws {
        #expect(try facts(of: sql).writes == writes)
    }
}
