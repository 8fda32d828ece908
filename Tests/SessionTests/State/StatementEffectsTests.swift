import SQLInspection
import Testing

@testable import Session

@Suite("What a text leaves in its session")
struct StatementEffectsTests {
    /// The effects of a text of any number of statements.
    static func effects(of sql: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> StatementEffects {
        switch unsafe SQLParser.parse(Array(sql.utf8).span.bytes, limits: ParseLimits(bytes: 1 << 20)) {
        case .statements(let statements):
            var effects = StatementEffects.none
            for statement in statements {
                effects.append(StatementEffects(of: statement.facts, constants: FactConstants(statement.facts)))
            }
            return effects
        case .failed(let failure):
            Issue.record("\(failure) in: \(sql)", sourceLocation: sourceLocation)
            throw failure
        }
    }

    /// Effects with these values.
    static func leaving(_ change: (inout StatementEffects) -> Void) -> StatementEffects {
        var effects = StatementEffects.none
        change(&effects)
        return effects
    }

    // MARK: Nothing

    @Test(
        "nothing",
        arguments: [
            "", "SELECT 1", "SELECT lower(x), count(*) FROM t WHERE y = $1", "INSERT INTO t VALUES (1)",
            "SELECT pg_catalog.now(), current_timestamp, current_user, xmlelement(name a), extract(year FROM x)",
            "SELECT * FROM t TABLESAMPLE system (1)", "SELECT x COLLATE \"C\", y AT TIME ZONE 'UTC' FROM t",
            "BEGIN ISOLATION LEVEL SERIALIZABLE", "COMMIT", "ROLLBACK TO a", "SET TRANSACTION READ ONLY",
            "SET transaction_isolation = 'serializable'", "SET LOCAL a = 1", "SET LOCAL ROLE x",
            "SET LOCAL SESSION AUTHORIZATION x", "RESET transaction_isolation", "RESET seed",
            "SHOW a", "SHOW ALL", "UNLISTEN *", "NOTIFY a", "DEALLOCATE a", "CLOSE a", "FETCH 1 FROM a",
            "DECLARE c CURSOR FOR SELECT 1", "DISCARD TEMP", "DISCARD PLANS", "DISCARD SEQUENCES",
            "EXPLAIN SELECT 1", "COPY t FROM STDIN", "COPY (SELECT 1) TO STDOUT", "LOCK t", "TRUNCATE t",
            "SELECT pg_advisory_xact_lock(1), pg_try_advisory_xact_lock_shared(1), pg_advisory_unlock(1)",
            "SELECT set_config('a', 'b', true), set_config('role', 'x', true), set_config('transaction_read_only', '1', false)",
            "SELECT pgml.embed('m', x), pgml.transform('t', inputs => ARRAY['x']) FROM t",
            "SELECT (pgml.chunk('a', 'b')).chunk, t.setseed FROM t", "SELECT current_setting('a')",
            "SELECT * FROM pg_settings", "UPDATE s.pg_settings SET x = 1", "SELECT * FROM s.pg_prepared_statements",
            "WITH pg_prepared_statements AS (SELECT 1) SELECT * FROM pg_prepared_statements",
        ]
    )
    func nothing(sql: String) throws {
        #expect(try Self.effects(of: sql).isEmpty)
    }

    // MARK: Settings

    private static let spellings: [(sql: String, name: String)] = [
        ("SET a = 1", "a"), ("SET SESSION A TO 'x'", "a"), ("SET \"My\".Own = 1", "my.own"),
        ("SET TIME ZONE 'UTC'", "timezone"), ("SET TIME ZONE INTERVAL '1' HOUR", "timezone"),
        ("SET NAMES 'UTF8'", "client_encoding"), ("SET SCHEMA 'x'", "search_path"),
        ("SET XML OPTION CONTENT", "xmloption"), ("SET a FROM CURRENT", "a"), ("SET sort_mem = 1", "work_mem"),
        ("SET vacuum_mem = 1", "maintenance_work_mem"),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "default_transaction_read_only"),
        (
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "default_transaction_isolation"
        ),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION NOT DEFERRABLE", "default_transaction_deferrable"),
        ("SELECT set_config('A', 'b', false)", "a"), ("SELECT pg_catalog.set_config('a', $1, false)", "a"),
        ("SELECT set_config('a', NULL, false)", "a"), ("SELECT set_config('a', 'b', $1)", "a"),
        ("SELECT set_config('a'::text, 'b', x) FROM t", "a"), ("SELECT set_config(E'\\141', 'b', false)", "a"),
        ("SELECT set_config('a', 'b', 'true')", "a"),
    ]

    @Test("a setting by its name, in every spelling", arguments: spellings)
    func settings(sql: String, name: String) throws {
        #expect(try Self.effects(of: sql) == Self.leaving { $0.settings = [name] })
    }

    private static let resettings: [(sql: String, name: String)] = [
        ("SET a TO DEFAULT", "a"), ("SET SESSION a = DEFAULT", "a"), ("RESET A", "a"),
        ("RESET TIME ZONE", "timezone"),
        ("SET TIME ZONE LOCAL", "timezone"), ("SET TIME ZONE DEFAULT", "timezone"),
        ("SET NAMES", "client_encoding"),
    ]

    @Test("a setting that goes back", arguments: resettings)
    func resets(sql: String, name: String) throws {
        let expected = Self.leaving {
            $0.settings = [name]
            $0.resets = [StatementEffects.Reset(name: name, isLocal: false)]
        }
        #expect(try Self.effects(of: sql) == expected)
    }

    @Test("SET LOCAL … TO DEFAULT goes back for the transaction alone")
    func localReset() throws {
        let expected = Self.leaving { $0.resets = [StatementEffects.Reset(name: "a", isLocal: true)] }
        #expect(try Self.effects(of: "SET LOCAL a TO DEFAULT") == expected)
    }

    @Test("all settings go back", arguments: ["RESET ALL", "DISCARD ALL"])
    func resetAll(sql: String) throws {
        #expect(try Self.effects(of: sql) == Self.leaving { $0.resetsAll = true })
    }

    private static let orders: [(sql: String, settings: Set<String>, resets: Set<String>)] = [
        ("SET a = 1; RESET a", ["a"], ["a"]), ("RESET a; SET a = 1", ["a"], []),
        ("SET a = 1; SET LOCAL a TO DEFAULT", ["a"], ["local a"]),
        ("SET LOCAL a TO DEFAULT; SET a = 1", ["a"], []), ("SET LOCAL a TO DEFAULT; SET LOCAL a = 1", [], []),
        ("SET LOCAL a = 1; SET LOCAL a TO DEFAULT", [], ["local a"]), ("RESET a; SET LOCAL a = 1", ["a"], ["a"]),
        ("SET LOCAL a TO DEFAULT; RESET a", ["a"], ["a"]), ("SET a = 1; SELECT 1; SET b = 1", ["a", "b"], []),
        ("SET a = 1; RESET ALL; SET b = 1", ["a", "b"], ["a"]), ("SET LOCAL a TO DEFAULT; RESET ALL", [], []),
    ]

    @Test("in a text of several statements the last mention of a setting counts", arguments: orders)
    func order(sql: String, settings: Set<String>, resets: Set<String>) throws {
        let effects = try Self.effects(of: sql)
        #expect(effects.settings == settings)
        #expect(Set(effects.resets.map { $0.isLocal ? "local \($0.name)" : $0.name }) == resets)
        #expect(effects.resetsAll == sql.contains("RESET ALL"))
    }

    @Test(
        "settings whose names the text does not tell",
        arguments: [
            "SELECT set_config($1, 'x', false)", "SELECT set_config(name, 'x', false) FROM t",
            "SELECT set_config('a' || 'b', 'x', false)", "SELECT set_config(VARIADIC x) FROM t",
            "SELECT set_config('a'::varchar(1), 'x', false)", "UPDATE pg_settings SET setting = 1",
            "WITH x AS (UPDATE pg_catalog.pg_settings SET setting = 1 RETURNING 1) SELECT 1",
        ]
    )
    func unknownSettings(sql: String) throws {
        #expect(try Self.effects(of: sql).changesUnknownSettings)
    }

    // MARK: Pins

    private static let holders: [(sql: String, reasons: PinReasons)] = [
        ("SET ROLE x", PinReasons.role), ("SET ROLE NONE", .role), ("RESET ROLE", .role),
        ("SET SESSION AUTHORIZATION x", .role), ("SET SESSION AUTHORIZATION DEFAULT", .role),
        ("RESET SESSION AUTHORIZATION", .role), ("SELECT set_config('Role', 'x', false)", .role),
        ("SET SEED TO 0.5", .randomSeed), ("SET LOCAL seed = 0.5", .randomSeed),
        ("SELECT setseed(0.5)", .randomSeed),
        ("SELECT pg_catalog.setseed(0.5)", .randomSeed), ("SELECT set_config('seed', '0', true)", .randomSeed),
        ("SELECT (0.5::float8).setseed", .randomSeed), ("SELECT (1::int8).pg_advisory_lock", .advisoryLocks),
        ("SELECT pg_advisory_lock(1)", .advisoryLocks), ("SELECT pg_try_advisory_lock(1, 2)", .advisoryLocks),
        ("SELECT pg_advisory_lock_shared(1)", .advisoryLocks),
        ("SELECT 1 WHERE pg_catalog.pg_try_advisory_lock_shared(1)", .advisoryLocks),
        ("SELECT nextval('s')", .sequences), ("SELECT setval('s', 1)", .sequences),
        ("INSERT INTO t VALUES (nextval('s'))", .sequences), ("COPY (SELECT nextval('s')) TO STDOUT", .sequences),
        ("EXPLAIN ANALYZE SELECT nextval('s')", .sequences),
        ("WITH x AS (SELECT nextval('s')) SELECT 1", .sequences),
        ("DECLARE c CURSOR FOR SELECT nextval('s')", .sequences),
        ("PREPARE p AS SELECT nextval('s')", [.sequences, .preparedStatements]),
        ("LISTEN a", .listens), ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", .heldCursors), ("LOAD 'x'", .loadedCode),
        ("PREPARE p AS SELECT 1", .preparedStatements), ("CREATE TEMP TABLE t AS SELECT 1", .temporaryObjects),
        ("SELECT 1 INTO TEMP t", .temporaryObjects), ("SELECT 1 INTO pg_temp.t", .temporaryObjects),
        ("CREATE TABLE pg_temp.t AS SELECT 1", .temporaryObjects),
        ("CREATE TEMP TABLE t (x int)", .temporaryObjects), ("CREATE LOCAL TEMP TABLE t ()", .temporaryObjects),
        ("CREATE GLOBAL TEMPORARY TABLE t ()", .temporaryObjects), ("CREATE TABLE pg_temp.t ()", .temporaryObjects),
        ("CREATE TEMP VIEW v AS SELECT 1", .temporaryObjects),
        ("CREATE VIEW pg_temp.v AS SELECT 1", .temporaryObjects),
        ("CREATE TEMP SEQUENCE s", .temporaryObjects), ("CREATE TYPE pg_temp.t AS (x int)", .temporaryObjects),
        ("CREATE TYPE pg_temp.t AS ENUM ('a')", .temporaryObjects),
        ("CREATE TYPE pg_temp.t AS RANGE (subtype = int)", .temporaryObjects),
        ("CREATE DOMAIN pg_temp.d AS int", .temporaryObjects),
        ("CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", .temporaryObjects),
        ("CREATE AGGREGATE pg_temp.a(int) (sfunc = f, stype = int)", .temporaryObjects),
        ("CREATE OPERATOR pg_temp.+ (function = f, rightarg = int)", .temporaryObjects),
        ("CREATE FOREIGN TABLE pg_temp.t () SERVER s", .temporaryObjects),
        ("SELECT query_to_xml('SELECT 1', true, true, '')", .unknown), ("SELECT * FROM ts_stat('x')", .unknown),
        ("SELECT dblink_connect('x')", .unknown), ("SELECT * FROM s.dblink('x', 'y') AS t(x int)", .unknown),
        ("SELECT pg_replication_origin_session_setup('x')", .unknown), ("SELECT pg_backup_start('x')", .unknown),
        ("SELECT pg_create_logical_replication_slot('x', 'y', true)", .unknown),
        ("SELECT pgml.activate_venv('x')", .unknown), ("COPY t FROM PROGRAM 'x'", .unknown),
        ("SELECT 1; LISTEN a; LOAD 'x'", [.listens, .loadedCode]),
    ]

    @Test("what only its holder can use", arguments: holders)
    func pins(sql: String, reasons: PinReasons) throws {
        #expect(try Self.effects(of: sql).pins == reasons)
    }

    @Test(
        "what the server has to be asked about afterwards",
        arguments: [
            "SELECT my_function()", "SELECT s.lower('x')", "SELECT pgml.dump_all('x')", "SELECT pgml.unheard_of()",
            "DO 'BEGIN END'", "CALL p()", "EXECUTE p", "CREATE TABLE t (x int)", "DROP TABLE t", "CREATE EXTENSION x",
            "CREATE TABLE t AS SELECT 1", "SELECT 1 INTO t", "CREATE MATERIALIZED VIEW v AS SELECT 1",
            "SELECT * FROM my_function()", "SELECT 1 ORDER BY s.f(1)",
        ]
    )
    func asked(sql: String) throws {
        #expect(try Self.effects(of: sql) == Self.leaving { $0.callsUnknownFunctions = true })
    }

    // MARK: What is read

    @Test("currval and lastval must be the session's own", arguments: ["currval('s')", "pg_catalog.lastval()"])
    func sequences(call: String) throws {
        #expect(try Self.effects(of: "SELECT \(call)") == Self.leaving { $0.readsSequences = true })
    }

    @Test(
        "pg_prepared_statements is read",
        arguments: [
            "SELECT * FROM pg_prepared_statements", "SELECT name FROM pg_catalog.pg_prepared_statements AS p",
            "SELECT * FROM pg_prepared_statement()", "SELECT 1 WHERE EXISTS (TABLE pg_prepared_statements)",
        ]
    )
    func preparedStatements(sql: String) throws {
        #expect(try Self.effects(of: sql) == Self.leaving { $0.readsPreparedStatements = true })
    }

    @Test("every function that is said to leave something is one that PostgreSQL has")
    func namesExist() {
        for name in FunctionEffects.namesOfPostgreSQL {
            #expect(BuiltInFunctions.contains(QualifiedName(name)), "\(name)")
        }
    }
}
