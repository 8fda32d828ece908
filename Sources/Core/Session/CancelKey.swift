/// What a client shows to cancel its statement (BackendKeyData).
public struct CancelKey: Sendable, Hashable {
    /// The server process's id where a session holds a server connection for life, else a number of the gateway's own.
    public let processID: Int32
    /// The gateway's own secret, never the server's.
    public let secret: Int32

    /// A key of these two.
    public init(processID: Int32, secret: Int32) {
        self.processID = processID
        self.secret = secret
    }
}
