/// What is known of a server connection that goes to another reactor: a `ServerState` never leaves its own.
public struct ServerHandover: Sendable {
    let identity: ServerIdentity
}

extension ServerState {
    /// What the next reactor has to know of a connection that nobody uses.
    public func handOver() -> ServerHandover {
        ServerHandover(identity: ServerIdentity(processID: processID, secret: secret, parameters: parameters))
    }

    /// The state of a connection that has come from another reactor.
    public convenience init(_ handover: ServerHandover) {
        self.init(handover.identity)
    }
}
