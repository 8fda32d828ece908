import PluginAPI

/// Whose statements are written as they came.
struct FullText: Sendable {
    struct Rule: Sendable {
        let users: Set<String>?
        let databases: Set<String>?
        let parameters: Bool

        func applies(to session: SessionIdentity) -> Bool {
            users?.contains(session.user) != false && databases?.contains(session.database) != false
        }
    }

    let all: Bool
    let allParameters: Bool
    let rules: [Rule]

    func applies(to session: SessionIdentity) -> Bool { all || rules.contains { $0.applies(to: session) } }

    func writesParameters(of session: SessionIdentity) -> Bool {
        all && allParameters || rules.contains { $0.parameters && $0.applies(to: session) }
    }
}
