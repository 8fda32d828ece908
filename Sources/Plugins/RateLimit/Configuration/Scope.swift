import PluginAPI

/// Whose sessions a limit is for. What is absent says nothing.
struct Scope: Sendable {
    var users: Set<String>?
    var databases: Set<String>?
    var applications: Set<String>?
    var addresses: [AddressRange]?

    func contains(_ session: SessionIdentity) -> Bool {
        users?.contains(session.user) != false
            && databases?.contains(session.database) != false
            && applications?.contains(session.applicationName) != false
            && addresses?.contains { $0.contains(session.address) } != false
    }
}
