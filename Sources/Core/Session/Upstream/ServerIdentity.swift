/// A server connection as its session needs to know it.
public struct ServerIdentity: Sendable {
    /// The server process's id, as BackendKeyData tells it.
    public let processID: Int32
    /// The server's own cancel secret.
    public let secret: Int32
    /// What the server has reported so far.
    public let parameters: ServerParameters
    /// As whom the connection logged in.
    public let user: String

    /// What a login or a cleaning has found out.
    public init(processID: Int32, secret: Int32, parameters: ServerParameters, user: String = "") {
        self.user = user
        self.processID = processID
        self.secret = secret
        self.parameters = parameters
    }
}
