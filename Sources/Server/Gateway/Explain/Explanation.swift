import Configuration
import PluginAPI
import PostgresWire
import SQLInspection
import Session

/// What the chain makes of a text, and why: what `pgml-gateway explain` shows.
struct Explanation: Encodable {
    enum Verdict: String, Encodable {
        case allowed, denied
    }

    let verdict: Verdict
    /// The error that the client would get.
    var error: ClientError?
    /// The text that would reach the server, where it is not the client's own.
    var rewritten: String?
    let statements: [ExplainedStatement]
    /// What plugins said to the parameters' values.
    let parameters: [Said]
    /// Parameters that decide, and were not given: `$n`.
    let undecidedParameters: [Int]
    /// Files of the plugins that have a say, or take notes, only when the statement runs.
    let notAsked: [String]

    /// The error that a client would get, and who gives it.
    struct ClientError: Encodable {
        let sqlstate: String
        let message: String
        let detail: String?
        let hint: String?
        /// In characters of the text, from 1.
        let position: Int?
        /// The plugin's file; nil where the gateway itself refuses.
        let file: String?
        let rule: String?
    }

    /// What one plugin said.
    struct Said: Encodable {
        enum Answer: String, Encodable {
            case forwards, rewrites, denies
            case wouldDeny = "would deny"
            case wouldRewrite = "would rewrite"
        }

        let file: String
        let answer: Answer
        var rule: String?
        var message: String?
        /// Parameters whose values it wants to see.
        var wantsParameters: [Int]?
        var text: String?
    }

    /// Judges a text as a session of `identity` would have it judged.
    ///
    /// - Parameter parameters: the values of `$1`, `$2` …; nil leaves them open.
    init(
        of sql: String,
        for identity: SessionIdentity,
        by plugins: [LoadedPlugin],
        parameters values: [ParameterValue]? = nil,
        maximumStatementBytes: Int = 1 << 20
    ) {
        let trace = ChainTrace(plugins)
        let limits = Inspector.Limits(maximumStatementBytes: maximumStatementBytes)
        let outcome = Judge(chain: trace.chain, limits: limits).judge(sql, identity: identity, parameters: values)
        let said = StatementSteps.grouped(trace.steps)
        let bytes = Array(sql.utf8)
        if case .statements(let parsed) = unsafe SQLParser.parse(bytes.span.bytes) {
            statements = parsed.enumerated().map { index, statement in
                ExplainedStatement(
                    statement,
                    text: String(decoding: bytes[statement.range], as: UTF8.self),
                    said: said.indices.contains(index) ? said[index].map(Said.init) : []
                )
            }
        } else {
            statements = []
        }
        let onParameters = trace.steps.filter { if case .parameters = $0.question { true } else { false } }
        parameters = onParameters.map(Said.init)
        notAsked = trace.notAsked
        switch outcome {
        case .success(let text):
            verdict = .allowed
            rewritten = text == sql ? nil : text
            undecidedParameters = values == nil ? Set(statements.flatMap(\.wantedParameters)).sorted() : []
        case .failure(let response):
            verdict = .denied
            undecidedParameters = []
            error = ClientError(response, by: trace.steps.last { $0.hasRefused })
        }
    }
}

extension Explanation.ClientError {
    init(_ response: ErrorResponse, by step: ChainTrace.Step?) {
        var denial: Denial?
        // Behind its last word the gateway may refuse something else itself, in other words.
        if case .deny(let last) = step?.answer, last.message == response.message { denial = last }
        self.init(
            sqlstate: response.sqlState.rawValue,
            message: response.message,
            detail: response.detail,
            hint: response.hint,
            position: response.position,
            file: denial == nil ? nil : step?.file,
            rule: denial?.rule
        )
    }
}

extension Explanation.Said {
    init(_ step: ChainTrace.Step) {
        switch step.answer {
        case .forward:
            self.init(file: step.file, answer: .forwards)
        case .forwardInspecting(let parameters):
            self.init(file: step.file, answer: .forwards, wantsParameters: parameters)
        case .rewrite(let text):
            self.init(file: step.file, answer: step.isReport ? .wouldRewrite : .rewrites, text: text)
        case .deny(let denial):
            self.init(
                file: step.file,
                answer: step.isReport ? .wouldDeny : .denies,
                rule: denial.rule,
                message: denial.message
            )
        }
    }
}

/// The steps of a chain that judges one statement after the other.
enum StatementSteps {
    /// The steps on statements, by statement. A rewrite is where a statement's facts change.
    static func grouped(_ steps: [ChainTrace.Step]) -> [[ChainTrace.Step]] {
        var groups: [[ChainTrace.Step]] = []
        var last: StatementFacts?
        var isRewritten = false
        for step in steps {
            guard case .statement(let facts) = step.question else { continue }
            if groups.isEmpty || (facts !== last && !isRewritten) { groups.append([]) }
            groups[groups.count - 1].append(step)
            last = facts
            if case .rewrite = step.answer { isRewritten = !step.isReport } else { isRewritten = false }
        }
        return groups
    }
}

extension ChainTrace.Step {
    fileprivate var hasRefused: Bool {
        if case .deny = answer { !isReport } else { false }
    }
}
