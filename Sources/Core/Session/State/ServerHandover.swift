/// What is known of a server connection that goes to another reactor: a `ServerState` never leaves its own.
public struct ServerHandover: Sendable {
    let identity: ServerIdentity
    let settings: SessionSettings
    let unsettled: ServerState.Unsettled
    let statements: ServerStatements
}

extension ServerState {
    /// What the next reactor has to know of a connection that nobody uses or holds.
    public func handOver() -> ServerHandover {
        ServerHandover(
            identity: ServerIdentity(processID: processID, secret: secret, parameters: parameters, user: loginUser),
            settings: settings,
            unsettled: unsettled,
            statements: statements
        )
    }

    /// The state of a connection that has come from another reactor.
    ///
    /// - Parameter statements: the library of the reactor it has come to.
    public convenience init(_ handover: ServerHandover, statements library: StatementLibrary) {
        self.init(handover.identity)
        settings = handover.settings
        unsettled = handover.unsettled
        statements = handover.statements
        statements.move(to: library)
        // Whoever used it last has a number that may be another session's here.
        noteSeveralDraws()
    }
}
