/// The settings in which a session differs from how its server connections begin: immutable, so that two sessions with
/// the same ones share them and are told to be equal by identity.
final class SessionSettings: Sendable {
    static let none = SessionSettings([:])

    /// Names in lower case, values as `current_setting` tells them.
    let values: [String: String]
    /// Those that can change what PostgreSQL makes of a text: prepared statements are shared where they are equal.
    let parsing: ParsingSettings
    private let hash: Int

    init(_ values: [String: String]) {
        self.values = values
        hash = values.settingsHash
        parsing = ParsingSettings(values)
    }

    /// Whether both hold the same settings. Costs two loads where both are one, or where they differ.
    func isSame(as other: SessionSettings) -> Bool {
        self === other || hash == other.hash && values.hasSameSettings(as: other.values)
    }

    /// One of two objects for the same settings, always the same one of the two: whoever meets takes it, until there is
    /// but one left and nobody has to compare values.
    func representative(or other: SessionSettings) -> SessionSettings {
        ObjectIdentifier(self) < ObjectIdentifier(other) ? self : other
    }

    /// These settings with some of them changed; nil goes back to how server connections begin.
    ///
    /// - Returns: this very object when nothing is different.
    func setting(_ changes: [String: String?]) -> SessionSettings {
        var changed = values
        for (name, value) in changes { changed[name] = value }
        guard !changed.hasSameSettings(as: values) else { return self }
        return changed.isEmpty ? .none : SessionSettings(changed)
    }

    /// What makes a server connection that has the settings `server` one that has these, in the order of names.
    func difference(from server: SessionSettings) -> (set: [ServerErrand.Setting], reset: [String]) {
        guard !isSame(as: server) else { return ([], []) }
        let set = values.filter { name, value in
            guard let present = server.values[name] else { return true }
            return !present.hasSameBytes(as: value)
        }
        let reset = server.values.keys.filter { values[$0] == nil }
        return (
            set.sorted { $0.key < $1.key }.map { ServerErrand.Setting(name: $0.key, value: $0.value) },
            reset.sorted()
        )
    }
}
