import Cryptography
public import PluginAPI
import PostgresWire

/// What a session needs a server connection for. Connections made for equal requests are interchangeable once reset.
public struct ServerRequest: Sendable, Hashable {
    public let credentials: UpstreamCredentials
    public let database: String
    /// The settings of the startup message, in its order.
    public let parameters: [StartupParameter]
    /// Whether statements will be judged: the server must then be one whose grammar is ours.
    public let isJudged: Bool

    public init(
        credentials: UpstreamCredentials,
        database: String,
        parameters: [StartupParameter],
        isJudged: Bool
    ) {
        self.credentials = credentials
        self.database = database
        self.parameters = parameters
        self.isJudged = isJudged
    }

    var startupMessage: StartupMessage {
        var all = [
            StartupMessage.Parameter(name: "user", value: credentials.user),
            StartupMessage.Parameter(name: "database", value: database),
        ]
        all += parameters.map { StartupMessage.Parameter(name: $0.name, value: $0.value) }
        return StartupMessage(parameters: all)
    }
}

/// The parameters a server reports (ParameterStatus), in the order it first did.
public struct ServerParameters: Sendable {
    public private(set) var all: [(name: String, value: String)] = []

    public init() {}

    public mutating func set(_ name: String, _ value: String) {
        if let index = all.firstIndex(where: { $0.name == name }) {
            all[index].value = value
        } else {
            all.append((name, value))
        }
    }

    public subscript(name: String) -> String? {
        all.first { $0.name == name }?.value
    }
}

/// A server connection as its session needs to know it.
public struct ServerIdentity: Sendable {
    public let processID: Int32
    /// The server's own cancel secret.
    public let secret: Int32
    public let parameters: ServerParameters

    public init(processID: Int32, secret: Int32, parameters: ServerParameters) {
        self.processID = processID
        self.secret = secret
        self.parameters = parameters
    }
}
