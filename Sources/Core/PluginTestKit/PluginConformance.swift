public import PluginAPI
import SQLInspection

/// What every plugin must do, whatever it is for.
///
/// ```swift
/// #expect(try PluginConformance { try MyPlugin(configuration: .init(), context: .testing) }.violations() == [])
/// ```
public struct PluginConformance {
    private let make: () throws -> any Plugin
    private let session = SessionIdentity(user: "pg", database: "pgml", applicationName: "", address: "127.0.0.1")

    /// - Parameter make: makes the plugin, each time from the same configuration.
    public init(_ make: @escaping () throws -> any Plugin) {
        self.make = make
    }

    /// What the plugin does and must not, or does not and must, a sentence each.
    ///
    /// - Throws: what making the plugin throws.
    public func violations() throws -> [String] {
        let plugin = try make()
        let other = try make()
        var found: [String] = []
        if let decider = plugin as? any StatementDecider {
            found += undecided(decider)
            for sql in Self.statements { found += onStatement(sql, decider, other) }
        }
        if let plugin = plugin as? any AdmissionDecider, plugin.gate(for: session) === plugin.gate(for: session) {
            found.append("gives two reactors the same gate")
        }
        if let plugin = plugin as? any SessionObserver, plugin.observer(of: session) === plugin.observer(of: session) {
            found.append("gives two reactors the same observer")
        }
        return found
    }

    // MARK: Statements

    /// What the walk cannot answer for is denied, whichever the reason; whoever only rewrites leaves that to others.
    private func undecided(_ decider: any StatementDecider) -> [String] {
        guard !(decider is any StatementRewriter) else { return [] }
        let facts = StatementFacts(kinds: [.unknown], undecided: Undecided(node: "DoStmt", reason: "runs code"))
        let event = StatementEvent(session: session, facts: facts, source: Constants([], text: "DO ''"))
        if case .deny = decider.decide(event) { return [] }
        return ["forwards a statement whose facts are undecided"]
    }

    private func onStatement(_ sql: String, _ decider: any StatementDecider, _ other: any Plugin) -> [String] {
        weak var keptFacts: StatementFacts?
        weak var keptConstants: Constants?
        var found: [String] = []
        do {
            guard let facts = Self.facts(of: sql) else { preconditionFailure("\(sql) is one statement") }
            let constants = Constants(facts.constants.map(\.value), text: sql)
            (keptFacts, keptConstants) = (facts, constants)
            let first = verdict(of: decider, on: facts, constants)
            let second = verdict(of: decider, on: facts, constants)
            if first.words != second.words { found.append("decides in two ways on: \(sql)") }
            if let other = other as? any StatementDecider, verdict(of: other, on: facts, constants).words != first.words
            {
                found.append("decides by more than its configuration on: \(sql)")
            }
            if case .forwardInspecting(let wanted) = first {
                found += onParameters(wanted, of: sql, facts, constants, decider)
            }
        }
        if keptFacts != nil { found.append("keeps the facts of: \(sql)") }
        if keptConstants != nil { found.append("keeps the constants of: \(sql)") }
        return found
    }

    private func verdict(
        of decider: any StatementDecider,
        on facts: StatementFacts,
        _ constants: Constants
    ) -> StatementVerdict {
        decider.decide(StatementEvent(session: session, facts: facts, source: constants))
    }

    // MARK: Parameters

    private func onParameters(
        _ wanted: Set<Int>,
        of sql: String,
        _ facts: StatementFacts,
        _ constants: Constants,
        _ plugin: any StatementDecider
    ) -> [String] {
        guard let decider = plugin as? any BindDecider else {
            return ["wants parameters and judges none, since it is no BindDecider: \(sql)"]
        }
        guard wanted.isSubset(of: 1...max(1, facts.parameterCount)) else {
            return ["wants parameters that are not there: \(sql)"]
        }
        let parameters = UnknownParameters(count: facts.parameterCount)
        let event = BindEvent(session: session, facts: facts, constants: constants, parameters: parameters)
        if case .deny = decider.decide(event) { return [] }
        return ["forwards parameters that it wanted to see and could not: \(sql)"]
    }

    // MARK: Statements to try

    private static func facts(of sql: String) -> StatementFacts? {
        let bytes = Array(sql.utf8)
        guard case .statements(let statements) = unsafe SQLParser.parse(bytes.span.bytes), statements.count == 1 else {
            return nil
        }
        return statements[0].facts
    }

    /// A few of every kind.
    static let statements = [
        "SELECT 1",
        "SELECT pgml.embed('intfloat/e5-small-v2', 'a text')",
        "SELECT pgml.embed($1, $2)",
        "SELECT pgml.embed('all-MiniLM-L6-v2', $1, $2::jsonb)",
        "SELECT pgml.transform($1::jsonb, ARRAY[$2, 'b'])",
        "SELECT embed('m', x.body), (x).embed FROM app.inbox AS x WHERE id = 7 ORDER BY 1",
        "SELECT f.pg_ls_dir FROM concat('.') AS f",
        "INSERT INTO app.inbox (body) VALUES ('a'), ($1) RETURNING id",
        "UPDATE app.inbox SET body = upper(body) WHERE id = $1",
        "DELETE FROM app.inbox",
        "WITH gone AS (DELETE FROM app.inbox RETURNING id) SELECT count(*) FROM gone",
        "EXPLAIN SELECT pgml.embed('m', 't')",
        "DECLARE c CURSOR FOR SELECT * FROM app.inbox",
        "FETCH 100 FROM c",
        "PREPARE p (text) AS SELECT pgml.embed('m', $1)",
        "EXECUTE p('a text')",
        "DEALLOCATE ALL",
        "BEGIN ISOLATION LEVEL REPEATABLE READ",
        "COMMIT",
        "SET search_path = pg_catalog",
        "SHOW all",
        "DISCARD ALL",
        "COPY app.inbox FROM STDIN",
        "TRUNCATE app.inbox",
        "LISTEN news",
        "DO 'BEGIN END'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TEMP TABLE t AS SELECT 1",
    ]
}

/// The constants of one statement; a class, so that it shows whether they are kept.
private final class Constants: ConstantSource, TextSource {
    private let values: [String]
    let text: String

    init(_ values: [String], text: String) {
        self.values = values
        self.text = text
    }

    func value(ofConstant index: Int) -> String { values[index] }
}

/// Parameters that are given, and cannot be read.
private struct UnknownParameters: ParameterSource {
    let count: Int

    func value(ofParameter number: Int) -> ParameterValue { .unknown }
}

extension StatementVerdict {
    /// The verdict as text, equal for equal verdicts.
    fileprivate var words: String {
        switch self {
        case .forward: "forward"
        case .forwardInspecting(let parameters): "forward, inspecting \(parameters.sorted())"
        case .rewrite(let text): "rewrite to \(text)"
        case .edit(let edited): "edit to \(edited.text), keeping \(edited.kept)"
        case .deny(let denial): "deny: \(denial)"
        }
    }
}
