import Configuration
import PluginAPI
import SQLInspection
import Testing

@testable import Allowlist

/// An allowlist as a session meets it: SQL text in, verdict out.
struct Gate {
    let plugin: Allowlist
    private let session = SessionIdentity(user: "pg", database: "pgml", applicationName: "", address: "127.0.0.1")

    /// The repository's own policy.
    static let shipped = Result { try Gate(directory: Repository.path + "/plugins.d") }

    private init(directory: String) throws {
        let document = try TOMLDocument(contentsOf: "\(directory)/10-allowlist.toml")
        let loaded = try PluginFile(document, kinds: [PluginKind(Allowlist.self)]).load()
        plugin = try #require(loaded?.plugin as? Allowlist)
    }

    /// A policy written in a test, on top of PostgreSQL's own functions and types.
    init(_ toml: String, profiles: String = "profiles = [\"builtins\"]", statements: String = "[\"SELECT\"]") throws {
        let text = "kind = \"allowlist\"\n\(profiles)\nstatements = \(statements)\n\(toml)"
        let document = try TOMLDocument(text: text, file: Repository.path + "/plugins.d/test.toml")
        let loaded = try PluginFile(document, kinds: [PluginKind(Allowlist.self)]).load()
        plugin = try #require(loaded?.plugin as? Allowlist)
    }

    /// The verdict on each statement of a text; a text that cannot be parsed is denied.
    func judge(_ sql: String) -> [StatementVerdict] {
        switch Self.parse(sql) {
        case .failed:
            [.deny(Denial("not parsed", rule: "parser", hint: ""))]
        case .statements(let statements):
            statements.map { statement in
                let source = FactsConstants(facts: statement.facts, text: sql)
                return plugin.decide(StatementEvent(session: session, facts: statement.facts, source: source))
            }
        }
    }

    /// The first denial, nil when every statement of the text is let through in some form.
    func denial(_ sql: String) -> Denial? {
        for case .deny(let denial) in judge(sql) { return denial }
        return nil
    }

    /// What becomes of a Parse that declares these parameter types.
    func denial(declaring types: [UInt32]) -> Denial? {
        guard case .deny(let denial) = plugin.decide(ParameterTypesEvent(session: session, types: types)) else {
            return nil
        }
        return denial
    }

    /// What becomes of a statement when these parameters arrive for it.
    func denial(_ sql: String, binding values: ParameterValue...) throws -> Denial? {
        guard case .statements(let statements) = Self.parse(sql) else { Issue.record("not parsed: \(sql)"); return nil }
        let facts = try #require(statements.first).facts
        let constants = FactsConstants(facts: facts, text: sql)
        switch plugin.decide(StatementEvent(session: session, facts: facts, source: constants)) {
        case .deny(let denial): return denial
        case .forward, .rewrite, .edit: return nil
        case .forwardInspecting(let wanted):
            let parameters = Values(values: values.enumerated().map { wanted.contains($0 + 1) ? $1 : .unknown })
            let event = BindEvent(session: session, facts: facts, constants: constants, parameters: parameters)
            guard case .deny(let denial) = plugin.decide(event) else { return nil }
            return denial
        }
    }

    func start(_ parameters: KeyValuePairs<String, String>) -> StartupVerdict {
        plugin.decide(
            StartupEvent(
                session: session,
                parameters: parameters.map { StartupParameter(name: $0.key, value: $0.value) }
            )
        )
    }

    private static func parse(_ sql: String) -> ParsedText {
        let bytes = Array(sql.utf8)
        return unsafe SQLParser.parse(bytes.span.bytes)
    }
}

/// Constants as a text has them that shares its facts with none.
private struct FactsConstants: ConstantSource, TextSource {
    let facts: StatementFacts
    let text: String
    func value(ofConstant index: Int) -> String { facts.constants[index].value }
}

private struct Values: ParameterSource {
    let values: [ParameterValue]
    var count: Int { values.count }
    func value(ofParameter number: Int) -> ParameterValue {
        values.indices.contains(number - 1) ? values[number - 1] : .unknown
    }
}

enum Repository {
    static let path = #filePath.split(separator: "/Tests/")[0].description
}

/// One line of a table of statements: `rule | statement`.
struct Case: Sendable, CustomTestStringConvertible {
    let rule: String
    let sql: String
    var testDescription: String { sql }

    /// The lines of a text. `⏎` in a statement stands for a line break.
    static func table(_ text: String) -> [Case] {
        text.split(separator: "\n").map { line in
            let parts = line.split(separator: " | ", maxSplits: 1)
            precondition(parts.count == 2, "a line is: rule | statement")
            let rule = parts[0].drop { $0 == " " }.description.trimmingEnd()
            return Case(rule: rule, sql: parts[1].replacing("⏎", with: "\n").description)
        }
    }
}

extension String {
    fileprivate func trimmingEnd() -> String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}
