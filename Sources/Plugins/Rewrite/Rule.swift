import Patterns
import PluginAPI

/// A pattern, what takes the place of its matches, and whose statements it is for.
struct Rule: Sendable {
    let name: String
    let pattern: Pattern
    let replacement: Replacement
    let users: Set<String>?
    let databases: Set<String>?
    let applications: Set<String>?
    let addresses: [AddressRange]?
    let stops: Bool

    /// - Parameter path: where the file has it.
    init(_ configuration: RuleConfiguration, at path: [String]) throws {
        func refuse(_ key: String, _ message: String) -> PluginConfigurationError {
            PluginConfigurationError(at: path + [key], message)
        }
        guard !configuration.name.isEmpty else { throw refuse("name", "is empty; say what the rule is for") }
        let conditions: [(String, Bool?)] = [
            ("users", configuration.users?.isEmpty), ("databases", configuration.databases?.isEmpty),
            ("applications", configuration.applications?.isEmpty), ("addresses", configuration.addresses?.isEmpty),
        ]
        for (key, isEmpty) in conditions where isEmpty == true {
            throw refuse(key, "is empty, so that the rule would never apply; write at least one, or remove the key")
        }
        name = configuration.name
        do throws(PatternError) {
            pattern = try Pattern(configuration.pattern, ignoresCase: configuration.ignoreCase ?? false)
        } catch {
            throw refuse("pattern", "at byte \(error.offset): \(error.message)")
        }
        do throws(PatternError) {
            replacement = try Replacement(configuration.replacement, of: pattern)
        } catch {
            throw refuse("replacement", "at byte \(error.offset): \(error.message)")
        }
        users = configuration.users.map { Set($0) }
        databases = configuration.databases.map { Set($0) }
        applications = configuration.applications.map { Set($0) }
        addresses = configuration.addresses
        stops = configuration.stop ?? false
    }

    func applies(to session: SessionIdentity) -> Bool {
        users?.contains(session.user) != false
            && databases?.contains(session.database) != false
            && applications?.contains(session.applicationName) != false
            && addresses?.contains { $0.contains(session.address) } != false
    }
}
