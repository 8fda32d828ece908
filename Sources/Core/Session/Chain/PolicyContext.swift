import PluginAPI
import PostgresWire

/// The part of a chain that applies to one identity, resolved once and shared by all its sessions on a reactor.
///
/// Verdicts are kept per context: two sessions that share one get the same answers.
final class PolicyContext {
    struct Step<Decider> {
        let file: String
        let decider: Decider
    }

    let identity: SessionIdentity
    let startupDeciders: [Step<any StartupDecider>]
    let statementDeciders: [Step<any StatementDecider>]
    let parameterTypesDeciders: [Step<any ParameterTypesDecider>]
    let bindDeciders: [Step<any BindDecider>]
    /// Whether the chain as a whole judges statements. A session that no decider applies to is then denied everything.
    let isJudged: Bool

    init(chain: PluginChain, identity: SessionIdentity) {
        self.identity = identity
        let links = chain.links.filter { $0.applies(identity) }
        startupDeciders = links.compactMap { link in
            (link.plugin as? any StartupDecider).map { Step(file: link.file, decider: $0) }
        }
        statementDeciders = links.compactMap { link in
            (link.plugin as? any StatementDecider).map { Step(file: link.file, decider: $0) }
        }
        parameterTypesDeciders = links.compactMap { link in
            (link.plugin as? any ParameterTypesDecider).map { Step(file: link.file, decider: $0) }
        }
        bindDeciders = links.compactMap { link in
            (link.plugin as? any BindDecider).map { Step(file: link.file, decider: $0) }
        }
        isJudged = chain.judgesStatements
    }
}

extension Denial {
    /// The denial as its client sees it. `position` counts characters from 1.
    func errorResponse(file: String, position: Int? = nil, severity: ErrorResponse.Severity = .error) -> ErrorResponse {
        ErrorResponse(
            severity: severity,
            sqlState,
            message,
            detail: "Refused by rule \"\(rule)\" of \(file).",
            hint: hint,
            position: position
        )
    }
}
