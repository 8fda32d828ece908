/// Who a session is to the upstream.
public struct UpstreamCredentials: Sendable, Hashable, CustomStringConvertible {
    /// The name in the upstream's startup message.
    public let user: String
    let password: String

    /// Credentials as the configuration has them.
    package init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// Never the password.
    public var description: String { "upstream user \"\(user)\"" }
}
