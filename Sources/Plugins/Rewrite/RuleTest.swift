import PluginAPI
import SQLInspection

/// A statement and what the rules must make of it, tried when the file is loaded.
struct RuleTest {
    private let configuration: TestConfiguration
    private let session: SessionIdentity
    /// The rule is for some addresses, and the test says of none that it is from there.
    private let lacksAddress: Bool

    /// - Parameter rule: the one that it stands with: whoever the test does not name is somebody for whom that rule is.
    init(_ configuration: TestConfiguration, of rule: RuleConfiguration) {
        self.configuration = configuration
        lacksAddress = rule.addresses != nil && configuration.address == nil
        session = SessionIdentity(
            user: configuration.user ?? rule.users?.first ?? "test",
            database: configuration.database ?? rule.databases?.first ?? "test",
            applicationName: configuration.application ?? rule.applications?.first ?? "test",
            address: configuration.address ?? "127.0.0.1"
        )
    }

    /// What is wrong, and with which of the test's keys; nil when all is as it should be.
    func problem(with rules: RuleList) -> (key: String, message: String)? {
        guard !lacksAddress else { return ("address", "is missing, and the rule is for some addresses only") }
        guard let facts = Self.facts(of: configuration.text) else { return ("text", "is not one statement") }
        switch rules.outcome(for: configuration.text, of: session) {
        case .refused(let rule, .limit):
            return ("expect", "the statement is refused, for rule \"\(rule)\" comes to one of the limits")
        case .refused(let rule, .length):
            return ("expect", "the statement is refused, for rule \"\(rule)\" makes it too long")
        case .unchanged:
            guard configuration.expect != "unchanged", configuration.expect != configuration.text else { return nil }
            return ("expect", "the rules leave the statement unchanged")
        case .changed(let edited):
            guard edited.text == configuration.expect else {
                return ("expect", "the rules make it \"\(edited.text)\"")
            }
            guard let made = Self.facts(of: edited.text) else {
                return ("expect", "what the rules make is not one statement, so that it would be refused")
            }
            guard made.hasParameters(of: facts) else {
                return (
                    "expect",
                    "what the rules make has other parameters or casts them to other types, so that it would be refused"
                )
            }
            return nil
        }
    }

    private static func facts(of text: String) -> StatementFacts? {
        let bytes = Array(text.utf8)
        guard case .statements(let statements) = unsafe SQLParser.parse(bytes.span.bytes), statements.count == 1
        else { return nil }
        return statements[0].facts
    }
}
