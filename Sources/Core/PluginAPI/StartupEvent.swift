/// A startup parameter: a setting of the session that is about to begin.
public struct StartupParameter: Sendable, Hashable {
    /// As the client spelled it; PostgreSQL takes names of settings in any case.
    public let name: String
    /// As the client gave it.
    public let value: String

    /// A setting and its value.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A StartupMessage from a client that has authenticated. `options` has been taken apart into settings.
public struct StartupEvent: ~Copyable {
    /// Who wants in.
    public let session: SessionIdentity
    /// The settings asked for, in the order in which PostgreSQL would apply them.
    public let parameters: [StartupParameter]

    /// An event for a client that has proved who it is.
    public init(session: SessionIdentity, parameters: [StartupParameter]) {
        self.session = session
        self.parameters = parameters
    }
}
