import Foundation
import Synchronization
import Testing

@testable import SQLInspection

@Suite("Deep and long texts")
struct LimitTests {
    enum Outcome: Equatable { case statements(Int), failed(InspectionFailure) }

    /// Parses on a thread with the stack that a reactor has.
    static func parse(_ sql: String, bytes: Int = 64 << 10) -> Outcome {
        let outcome = Mutex<Outcome?>(nil)
        let done = DispatchSemaphore(value: 0)
        withExtendedLifetime(outcome) {
            let thread = Thread {
                let text = Array(sql.utf8)
                let result: Outcome =
                    switch unsafe SQLParser.parse(text.span.bytes, limits: ParseLimits(bytes: bytes)) {
                    case .statements(let statements): .statements(statements.count)
                    case .failed(let failure): .failed(failure)
                    }
                outcome.withLock { $0 = result }
                done.signal()
            }
            thread.stackSize = 64 << 20
            thread.start()
            done.wait()
        }
        return outcome.withLock { $0 } ?? .statements(-1)
    }

    /// `prefix`, then `open` as often as 64 KiB allow, `middle`, `close` as often, `suffix`.
    static let recursions: [(prefix: String, open: String, middle: String, close: String, suffix: String)] = [
        ("SELECT ", "(", "1", ")", ""), ("SELECT ", "- ", "a", "", ""), ("SELECT ", "NOT ", "a", "", ""),
        ("SELECT ", "f(", "1", ")", ""), ("SELECT ", "(SELECT ", "1", ")", ""), ("SELECT ", "ARRAY[", "1", "]", ""),
        ("SELECT ", "CASE WHEN a THEN ", "1", " END", ""), ("SELECT ", "COALESCE(", "1", ")", ""),
        ("SELECT ", "ROW(", "1", ")", ""),
        ("SELECT 1", "", "", "+1", ""), ("SELECT a", "", "", "||a", ""), ("SELECT a", "", "", " IS NULL", ""),
        ("SELECT a", "", "", "::t", ""),
        ("SELECT f(a", "", "", "::t", ")"), ("SELECT a", "", "", "[1]", ""), ("SELECT (a)", "", "", ".b", ""),
        ("SELECT a", "", "", " COLLATE b", ""),
        ("SELECT a", "", "", " AT TIME ZONE b", ""), ("SELECT true", "", "", " AND a", ""),
        ("SELECT true", "", "", " OR a", ""),
        ("SELECT ", "(", "a", " AND b) OR c", ""), ("SELECT 1", "", "", " UNION SELECT 1", ""),
        ("", "(", "SELECT 1", ") UNION SELECT 1", ""),
        ("SELECT * FROM a", "", "", " NATURAL JOIN b", ""), ("SELECT * FROM ", "(", "a", " CROSS JOIN b)", ""),
        ("SELECT * FROM ", "(SELECT * FROM ", "a", ") x", ""),
        ("", "WITH a AS (", "SELECT 1", ") SELECT 1", ""), ("", "EXPLAIN ", "SELECT 1", "", ""),
        ("SELECT 1", "", "", ",1", ""), ("SELECT 1 IN (1", "", "", ",1", ")"),
        ("SELECT f(1", "", "", ",1", ")"), ("", "SELECT 1;", "", "", ""), ("SELECT a", "", "", " OPERATOR(s.+) b", ""),
        ("SELECT ", "xmlconcat(", "a", ")", ""),
        ("SELECT a::t", "", "", "[]", ""), ("SELECT 1 GROUP BY ", "GROUPING SETS (", "a", ")", ""),
        ("SELECT ", "EXISTS (SELECT ", "1", ")", ""), ("SELECT a ", "= ANY (SELECT a ", "", ")", ""),
        ("SELECT 'x'", "", "", "\n'x'", ""), ("SELECT a", "", "", ".b", ""), ("SELECT ", "'x'||", "'x'", "", ""),
        ("SELECT f(", "ARRAY[", "'x'", "]", ")"),
        ("SELECT a FROM t WHERE a", "", "", " BETWEEN 1 AND 2", ""), ("SELECT ", "@", "a", "", ""),
        ("SELECT ", "/* ", "", "*/ ", "1"), ("VALUES (1)", "", "", ",(1)", ""),
    ]

    @Test(arguments: recursions.indices)
    func `64 KiB of anything end in facts or a refusal`(index: Int) {
        let form = Self.recursions[index]
        let unit = form.open.utf8.count + form.close.utf8.count
        let room = (64 << 10) - form.prefix.utf8.count - form.middle.utf8.count - form.suffix.utf8.count
        for count in [room / unit, min(3000, room / unit), 9000 / unit] {
            let sql =
                form.prefix + String(repeating: form.open, count: count) + form.middle
                + String(repeating: form.close, count: count) + form.suffix
            #expect(Self.parse(sql) != .statements(-1))
        }
    }

    @Test func `100 000 parentheses and a chain of 100 000 terms`() {
        let parentheses =
            "SELECT " + String(repeating: "(", count: 100_000) + "1" + String(repeating: ")", count: 100_000)
        #expect(Self.parse(parentheses) == .failed(.tooLong(limit: 64 << 10)))
        guard case .failed = Self.parse(parentheses, bytes: 1 << 20) else {
            Issue.record("the parser's own stack ends before")
            return
        }
        let chain = "SELECT 1" + String(repeating: "+1", count: 100_000)
        #expect(Self.parse(chain) == .failed(.tooLong(limit: 64 << 10)))
        #expect(Self.parse(chain, bytes: 1 << 20) == .failed(.tooDeep(limit: 4000)))
    }

    @Test func `long lists and long chains of AND and OR are not deep`() {
        for (item, separator) in [("a = 1", " AND "), ("a = 1", " OR "), ("(a AND b)", " OR ")] {
            let condition = Array(repeating: item, count: 5000).joined(separator: separator)
            #expect(Self.parse("SELECT 1 FROM t WHERE " + condition, bytes: 1 << 20) == .statements(1))
        }
        let list = Array(repeating: "'x'", count: 100_000).joined(separator: ",")
        #expect(Self.parse("SELECT f(ARRAY[\(list)])", bytes: 1 << 20) == .statements(1))
    }

    @Test func `3 000 levels are walked, 5 000 are not`() {
        #expect(Self.parse("SELECT 1" + String(repeating: "+1", count: 3000)) == .statements(1))
        #expect(Self.parse("SELECT 1" + String(repeating: "+1", count: 5000)) == .failed(.tooDeep(limit: 4000)))
        #expect(
            Self.parse("SELECT f(a" + String(repeating: "::t", count: 5000) + ")") == .failed(.tooDeep(limit: 4000))
        )
        #expect(Self.parse("SELECT a" + String(repeating: "::t", count: 5000)) == .failed(.tooDeep(limit: 4000)))
    }
}
