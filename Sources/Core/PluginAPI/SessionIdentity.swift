/// Who a session is, as far as policy may ask.
public struct SessionIdentity: Sendable, Hashable {
    /// The user that proved a password to the gateway.
    public let user: String
    /// The database that the client named.
    public let database: String
    /// What the client calls itself. It may narrow a policy, never widen it.
    public let applicationName: String
    /// The client's numeric address, without port.
    public let address: String

    /// An identity as the startup message and the socket give it.
    public init(user: String, database: String, applicationName: String, address: String) {
        self.user = user
        self.database = database
        self.applicationName = applicationName
        self.address = address
    }
}
