/// What is known of a server connection that goes to another reactor: a `ServerState` never leaves its own.
public struct ServerHandover: Sendable {
    let identity: ServerIdentity
    let settings: SessionSettings
    let unsettled: ServerState.Unsettled
    let statements: ServerStatements
}

extension ServerState {
    /// What the next reactor has to know of a connection that no session holds.
    public func handOver() -> ServerHandover {
        ServerHandover(
            identity: ServerIdentity(processID: processID, secret: secret, parameters: parameters),
            settings: settings,
            unsettled: unsettled,
            statements: statements
        )
    }
}
