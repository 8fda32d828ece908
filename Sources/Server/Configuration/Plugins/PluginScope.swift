package import PluginAPI

/// Whose sessions a plugin has a say in: `users`, `databases`, `applications` and `addresses` of its file.
///
/// A key that is left out says nothing; those that are there must all hold. What a client calls itself is its own
/// choice: `applications` adds a plugin to sessions that give the name and must never be what keeps one away from it.
package struct PluginScope: Sendable, Hashable {
    package var users: Set<String>?
    package var databases: Set<String>?
    package var applications: Set<String>?
    package var addresses: [AddressRange]?

    /// Every session.
    package init() {}

    /// Whether the plugin takes part in a session. Asked once per session.
    package func contains(_ session: SessionIdentity) -> Bool {
        users?.contains(session.user) != false
            && databases?.contains(session.database) != false
            && applications?.contains(session.applicationName) != false
            && addresses?.contains { $0.contains(session.address) } != false
    }

    /// Whether every session is in it.
    package var isEverySession: Bool {
        self == PluginScope()
    }
}
