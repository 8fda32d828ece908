/// What the gateway knows of one server connection: who it is to the server, what it has reported, and which session's
/// state is on it. Lives on the connection's reactor.
public final class ServerState {
    /// What stands between a server connection and its next session.
    public enum Preparation {
        case ready
        /// Send this, give what it found to `finish`, and ask again.
        case errand(ServerErrand)
        /// Only its holder can use it.
        case pinned(PinReasons)
    }

    /// What remains of a server connection whose session has ended.
    public enum Departure {
        case reusable
        /// Send this first.
        case errand(ServerErrand)
        case close
    }

    /// The server process's id, as BackendKeyData tells it.
    public let processID: Int32
    /// The server's own cancel secret.
    public let secret: Int32
    /// What the server has reported last.
    public internal(set) var parameters: ServerParameters
    /// The session whose state is on the connection and nowhere else.
    public internal(set) weak var holder: ClientSession?

    /// The state of a connection that has just logged in.
    public init(_ identity: ServerIdentity) {
        processID = identity.processID
        secret = identity.secret
        parameters = identity.parameters
    }

    /// What has to be done before `session` may use the connection; nil asks for anybody else than its holder.
    public func preparation(for session: ClientSession?) -> Preparation { .ready }

    /// Takes in what an errand found out.
    public func finish(_ errand: ServerErrand) { parameters = errand.parameters }

    /// The session that used the connection has ended.
    public func leave(_ session: ClientSession) -> Departure {
        guard session.isQuiescent, session.isAtMessageBoundary else { return .close }
        return .errand(ServerErrand([.discardAll], parameters: parameters))
    }
}
