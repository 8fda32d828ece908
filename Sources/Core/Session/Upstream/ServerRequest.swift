import Cryptography
public import PluginAPI
import PostgresWire

/// What a session needs a server connection for. Connections made for equal requests are interchangeable once reset.
///
/// An object, for sessions that are greeted alike share it.
public final class ServerRequest: Sendable, Hashable {
    /// Who the gateway is to the server.
    public let credentials: UpstreamCredentials
    /// The database's name.
    public let database: String
    /// The settings of the startup message, in its order.
    public let parameters: [StartupParameter]
    /// When the connection is given back.
    public let poolMode: PoolMode
    /// How many connections there may be for equal requests, over all reactors.
    public let poolSize: Int
    /// Whether statements will be judged: the server must then be one whose grammar is ours.
    public let isJudged: Bool
    /// Of all of the above: a request is looked up more often than made.
    private let hash: Int

    /// A request for a connection with these settings.
    public init(
        credentials: UpstreamCredentials,
        database: String,
        parameters: [StartupParameter],
        poolMode: PoolMode,
        poolSize: Int,
        isJudged: Bool
    ) {
        self.poolMode = poolMode
        self.poolSize = poolSize
        self.credentials = credentials
        self.database = database
        self.parameters = parameters
        self.isJudged = isJudged
        var hasher = Hasher()
        hasher.combine(credentials)
        hasher.combine(database)
        hasher.combine(parameters)
        hasher.combine(poolMode)
        hasher.combine(poolSize)
        hasher.combine(isJudged)
        hash = hasher.finalize()
    }

    /// Whether both ask for the same.
    public static func == (left: ServerRequest, right: ServerRequest) -> Bool {
        if left === right { return true }
        return left.hash == right.hash && left.credentials == right.credentials && left.database == right.database
            && left.parameters == right.parameters && left.poolMode == right.poolMode
            && left.poolSize == right.poolSize && left.isJudged == right.isJudged
    }

    /// Takes in the hash of everything.
    public func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    var startupMessage: StartupMessage {
        var all = [
            StartupMessage.Parameter(name: "user", value: credentials.user),
            StartupMessage.Parameter(name: "database", value: database),
        ]
        all += parameters.map { StartupMessage.Parameter(name: $0.name, value: $0.value) }
        return StartupMessage(parameters: all)
    }
}
