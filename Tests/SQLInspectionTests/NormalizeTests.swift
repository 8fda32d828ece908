import SQLInspection
import Testing

/// What logs are given of a text: nothing that a client wrote as a constant, or as a comment, is in it.
@Suite struct NormalizeTests {
    private func normalized(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        return unsafe SQLParser.normalized(bytes.span.bytes)
    }

    @Test(arguments: [
        ("SELECT 'a', 1, $1::text", "SELECT $2, $3, $1::text"),
        ("PREPARE p AS SELECT 'hush'", "PREPARE p AS SELECT $1"),
        ("PREPARE p(text) AS SELECT $1, 'hush'", "PREPARE p(text) AS SELECT $1, $2"),
        ("EXECUTE p('hush', 42, -1.5)", "EXECUTE p($1, $2, -$3)"),
        ("EXPLAIN EXECUTE p('hush')", "EXPLAIN EXECUTE p($1)"),
        ("NOTIFY x, 'hush'", "NOTIFY x, $1"),
        ("CALL f('hush')", "CALL f($1)"),
        ("ALTER ROLE a PASSWORD 'hush'", "ALTER ROLE a PASSWORD $1"),
        ("ALTER ROLE a PASSWORD E'hu\\'sh'", "ALTER ROLE a PASSWORD $1"),
        ("ALTER ROLE a PASSWORD U&'hush'", "ALTER ROLE a PASSWORD $1"),
        ("ALTER ROLE a PASSWORD U&'hu!0073h' UESCAPE '!' VALID UNTIL 'x'", nil),
        ("ALTER ROLE a PASSWORD $x$hush$x$", "ALTER ROLE a PASSWORD $1"),
        ("ALTER ROLE a PASSWORD 'hu'\n'sh'", "ALTER ROLE a PASSWORD $1"),
        ("ALTER SYSTEM SET primary_conninfo = 'password=hush'", "ALTER SYSTEM SET primary_conninfo = $1"),
        ("CREATE TABLE t AS SELECT 'hush', B'1', X'1F'", "CREATE TABLE t AS SELECT $1, $2, $3"),
        ("SELECT 1 /* hush */ -- hush", "SELECT $1"),
        ("SELECT/* hush /* hush */ */1", "SELECT $1"),
        ("SELECT 'ä', \"ö\" /* hush */ FROM t", "SELECT $1, \"ö\" FROM t"),
        ("SELECT '-- no comment', \"/*\"", "SELECT $1, \"/*\""),
    ])
    func constantsAndCommentsAreLeftOut(_ text: String, _ expected: String?) throws {
        let found = try #require(normalized(text))
        if let expected { #expect(found == expected) }
        #expect(!found.contains("hush") && !found.contains("hu!0073h") && !found.contains("sh'"))
    }

    @Test func textsThatDifferInConstantsAreAlike() {
        #expect(normalized("EXECUTE p('a')") == normalized("EXECUTE p('another')"))
        #expect(normalized("FETCH 100 FROM c") == normalized("FETCH 50 FROM c"))
    }

    @Test func whatDoesNotParseHasNone() { #expect(normalized("SELEKT 'hush'") == nil) }
}
