import PluginAPI
import PluginTestKit
import PostgresWire
import TestSupport
import Testing

@testable import Rewrite

@Suite struct RewriteTests {
    private func harness(_ toml: String, _ session: SessionIdentity = .someone()) throws -> PluginHarness {
        try PluginHarness([plugin(toml), ForbiddenCalls()], session: session)
    }

    private static func rule(_ name: String, _ pattern: String, _ replacement: String, _ more: String = "") -> String {
        "[[rule]]\nname = \"\(name)\"\npattern = '\(pattern)'\nreplacement = '\(replacement)'\n\(more)\n"
    }

    @Test func `the model is another and all else as it was`() throws {
        let harness = try harness(
            Self.rule("alias", "intfloat/e5-small(?=\\x27)", "all-MiniLM-L6-v2")
        )
        #expect(
            harness.judge("SELECT pgml.embed('intfloat/e5-small', 'häuser') -- x")
                == .forwarded("SELECT pgml.embed('all-MiniLM-L6-v2', 'häuser') -- x")
        )
        #expect(harness.judge("SELECT 'other'") == .forwarded("SELECT 'other'"))
        // The same template with other literals, before and after.
        for text in ["a", "b", "a"] {
            #expect(
                harness.judge("SELECT pgml.embed('intfloat/e5-small', '\(text)')")
                    == .forwarded("SELECT pgml.embed('all-MiniLM-L6-v2', '\(text)')")
            )
            #expect(
                harness.judge("SELECT pgml.embed('mine', '\(text)')")
                    == .forwarded("SELECT pgml.embed('mine', '\(text)')")
            )
        }
    }

    @Test func `each statement of a query is rewritten by itself`() throws {
        let harness = try harness(Self.rule("first", "^SELECT 1$", "SELECT 2"))
        #expect(
            harness.judge(" SELECT 1; SELECT 3 ;\nSELECT 1 ;") == .forwarded(" SELECT 2; SELECT 3 ;\nSELECT 2 ;")
        )
    }

    @Test func `rules follow one another until one stops`() throws {
        let rules =
            Self.rule("a", "a_f", "b_f") + Self.rule("b", "b_f", "c_f", "stop = true") + Self.rule("c", "c_f", "d_f")
        #expect(try harness(rules).judge("SELECT a_f()") == .forwarded("SELECT c_f()"))
        #expect(try harness(rules).judge("SELECT c_f()") == .forwarded("SELECT d_f()"))
    }

    @Test func `a plugin is not asked about what it made`() throws {
        #expect(try harness(Self.rule("a", "f\\(", "ff(")).judge("SELECT f(1)") == .forwarded("SELECT ff(1)"))
    }

    @Test func `several files rewrite one after another`() throws {
        let harness = PluginHarness([
            try plugin(Self.rule("a", "a_f", "longer_name_f")),
            try plugin(Self.rule("b", "longer_name_f", "forbidden")),
            ForbiddenCalls(),
        ])
        guard case .denied(let error) = harness.judge("SELECT 'ä', 1 + a_f(), forbidden()") else {
            Issue.record("not denied")
            return
        }
        // The first call is the plugins' own, so nobody is told where it is.
        #expect(error.position == nil)
        guard case .denied(let second) = harness.judge("SELECT 'a_f', 'ä', forbidden()") else { return }
        #expect(second.position == 20)
    }

    @Test(arguments: [
        ("users = ['etl']", SessionIdentity.someone(user: "etl"), true),
        ("users = ['etl']", .someone(), false),
        ("databases = ['x', 'pgml']", .someone(), true),
        ("databases = ['x']", .someone(), false),
        ("applications = ['psql']", .someone(), true),
        ("applications = ['psql']", .someone(application: "PSQL"), false),
        ("addresses = ['10.0.0.0/8', '::1']", .someone(address: "10.1.2.3"), true),
        ("addresses = ['10.0.0.0/8', '::1']", .someone(address: "::1"), true),
        ("addresses = ['10.0.0.0/8']", .someone(address: ""), false),
        ("users = ['pg']\\ndatabases = ['x']", .someone(), false),
    ])
    func `a rule is for those it names`(condition: String, session: SessionIdentity, applies: Bool) throws {
        let lines = condition.replacing("\\n", with: "\n")
        let harness = try harness(Self.rule("a", "1", "2", lines), session)
        #expect(harness.judge("SELECT 1") == .forwarded(applies ? "SELECT 2" : "SELECT 1"))
    }

    @Test(arguments: [
        ("SELECT $1", "\\$1", "$1, $2"), ("SELECT $1, $2", ", \\$2", ""), ("SELECT $1, $3", "\\$1", "$2"),
        ("SELECT 1", "1", "$1"), ("SELECT 1", "1", "1; SELECT 2"), ("SELECT 1", "1", "1 FROM"), ("SELECT 1", ".*", ""),
        ("SELECT 1", "1", "forbidden()"),
    ])
    func `what a rule made is judged, and its parameters stay`(sql: String, pattern: String, replacement: String) throws
    {
        guard case .denied(let error) = try harness(Self.rule("a", pattern, replacement)).judge(sql) else {
            Issue.record("passed")
            return
        }
        #expect(error.sqlState == .insufficientPrivilege)
    }

    @Test func `parameters may change their places`() throws {
        let harness = try harness(Self.rule("a", "\\$1, \\$2", "$2, $1"))
        #expect(harness.judge("SELECT $1, $2") == .forwarded("SELECT $2, $1"))
    }

    @Test func `a rewrite that makes the statement too long for a reactor is refused`() throws {
        let harness = try harness(Self.rule("a", "x", String(repeating: "y", count: 1000)))
        guard case .denied = harness.judge("SELECT '\(String(repeating: "x", count: 100))'") else {
            Issue.record("passed")
            return
        }
        guard case .denied(let error) = harness.judge("SELECT '\(String(repeating: "x", count: 9000))'") else {
            Issue.record("passed")
            return
        }
        #expect(error.sqlState == .configurationLimitExceeded)
    }

    @Test func `a rule that comes to a limit denies`() throws {
        let harness = try harness("[limits]\nmatch = 1000\n" + Self.rule("slow", "(a+)+!", ""))
        guard case .denied(let error) = harness.judge("SELECT '\(String(repeating: "a", count: 40))?!'") else {
            Issue.record("passed")
            return
        }
        #expect(error.sqlState == .configurationLimitExceeded)
        #expect(error.message.contains("limits.match"))
        #expect(error.detail?.contains("slow") == true)
    }

    @Test func `nothing reaches the server that no plugin has judged after the rewrite`() throws {
        let harness = try PluginHarness([ForbiddenCalls(), plugin(Self.rule("a", "1", "2"))])
        guard case .denied(let error) = harness.judge("SELECT 1") else {
            Issue.record("passed")
            return
        }
        #expect(error.hint?.contains("plugins.d/2.toml") == true)
        #expect(harness.judge("SELECT 3") == .forwarded("SELECT 3"))
    }

    @Test func `without a plugin that judges everything is forwarded, rewritten`() throws {
        let harness = try PluginHarness([plugin(Self.rule("a", "1", "2"))])
        #expect(harness.judge("SELECT 1") == .forwarded("SELECT 2"))
    }
}
