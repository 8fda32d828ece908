import PluginAPI
import Testing

@testable import Configuration
@testable import Gateway

/// What `explain` says of the shipped policy, and of chains made for a test.
@Suite struct ExplanationTests {
    private static let root = #filePath.split(separator: "/Tests/")[0].description
    private static let session = SessionIdentity(
        user: "pg",
        database: "pgml",
        applicationName: "",
        address: "127.0.0.1"
    )

    private func explain(_ sql: String, _ parameters: [ParameterValue]? = nil) throws -> Explanation {
        let loader = ChainLoader(directory: "\(Self.root)/plugins.d", isUnrestricted: false)
        return Explanation(of: sql, for: Self.session, by: try loader.plugins(), parameters: parameters)
    }

    @Test func `A statement that may pass is told with its facts and who said so`() throws {
        let explanation = try explain("SELECT pgml.embed('all-MiniLM-L6-v2', 'it''s') FROM app.inbox")
        #expect(explanation.verdict == .allowed)
        #expect(explanation.error == nil)
        let statement = try #require(explanation.statements.first)
        #expect(statement.kinds == ["SELECT"])
        #expect(statement.calls.map(\.function) == ["pgml.embed"])
        #expect(statement.calls.map(\.arguments) == [["'all-MiniLM-L6-v2'", "'it''s'"]])
        #expect(statement.relations.map(\.access) == ["select"])
        #expect(statement.plugins.map(\.answer) == [.forwards])
    }

    @Test func `A denial names its file and rule, and a caret stands under its place`() throws {
        let sql = "SELECT 1,\n\tpgml.dump_all('x')"
        let explanation = try explain(sql)
        #expect(explanation.verdict == .denied)
        #expect(explanation.error?.rule == "functions")
        #expect(explanation.error?.file?.hasSuffix("plugins.d/10-allowlist.toml") == true)
        let lines = explanation.text(for: sql).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "\tpgml.dump_all('x')")
        #expect(lines[1] == "\t^")
        #expect(lines[3] == "denied: function pgml.dump_all is not allowed (42501)")
    }

    @Test func `Each statement of a text has what was said to it, up to the one that was refused`() throws {
        let explanation = try explain("SELECT 1; DROP TABLE app.inbox; SELECT 2")
        #expect(explanation.statements.map(\.plugins.count) == [1, 1, 0])
        #expect(explanation.statements[1].plugins.map(\.answer) == [.denies])
        #expect(explanation.statements[1].undecided != nil)
    }

    @Test func `Parameters are judged when they are given, and named when they are not`() throws {
        let sql = "SELECT pgml.embed($1, $2)"
        let open = try explain(sql)
        #expect(open.verdict == .allowed)
        #expect(open.undecidedParameters == [1])
        #expect(open.text(for: sql).contains("if the values of $1 pass when they come"))

        let refused = try explain(sql, [.text("evil/model"), .text("x")])
        #expect(refused.verdict == .denied)
        #expect(refused.parameters.map(\.answer) == [.denies])
        #expect(try explain(sql, [.text("all-MiniLM-L6-v2"), .text("x")]).verdict == .allowed)
    }

    @Test func `What cannot be parsed is denied by the gateway itself`() throws {
        let explanation = try explain("SELEC 1")
        #expect(explanation.error?.sqlstate == "42601")
        #expect(explanation.error?.file == nil)
        #expect(explanation.statements.isEmpty)
    }

    @Test func `What a plugin reports, what it makes of a text, and who is not asked are told`() {
        let plugins = [
            link("1.toml", Rewriter()), link("2.toml", Refuser(), isReport: true), link("3.toml", Watcher()),
        ]
        let explanation = Explanation(of: "SELECT 1; SELECT 2", for: Self.session, by: plugins)
        #expect(explanation.verdict == .allowed)
        #expect(explanation.rewritten == "SELECT 10; SELECT 2")
        #expect(explanation.notAsked == ["3.toml"])
        #expect(
            explanation.statements.map { $0.plugins.map(\.line) } == [
                [
                    "1.toml rewrites: SELECT 10", "1.toml forwards", "2.toml would deny by rule \"r\": no",
                ],
                ["1.toml forwards", "2.toml would deny by rule \"r\": no"],
            ]
        )
    }

    @Test(arguments: [
        (1, "ab\ncd", ["ab", "^"]), (4, "ab\ncd", ["cd", "^"]), (5, "ab\ncd", ["cd", " ^"]),
        (3, "ab\ncd", ["ab", "  ^"]), (99, "ab\ncd", ["cd", "  ^"]), (3, "äö\u{1F600}", ["äö\u{1F600}", "  ^"]),
        (1, "", ["", "^"]),
    ])
    func `A caret stands under the character it is about`(position: Int, text: String, lines: [String]) {
        #expect(Explanation.pointing(at: position, in: text) == lines)
    }

    private func link(_ file: String, _ plugin: any Plugin, isReport: Bool = false) -> LoadedPlugin {
        LoadedPlugin(file: file, kind: "test", scope: PluginScope(), isReport: isReport, plugin: plugin)
    }
}

private struct None: Decodable {}

private struct Rewriter: StatementDecider {
    static let kind = "rewriter"

    init() {}
    init(configuration: None, context: PluginContext) {}

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        event.value(ofConstant: 0) == "1" ? .rewrite("SELECT 10") : .forward
    }
}

private struct Refuser: StatementDecider {
    static let kind = "refuser"

    init() {}
    init(configuration: None, context: PluginContext) {}

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict { .deny(Denial("no", rule: "r", hint: "")) }
}

private struct Watcher: SessionObserver {
    static let kind = "watcher"

    init() {}
    init(configuration: None, context: PluginContext) {}

    func observer(of session: SessionIdentity) -> any OutcomeObserver { preconditionFailure("nothing runs here") }
}
