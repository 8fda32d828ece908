import Cryptography
public import PluginAPI
import PostgresWire

/// What a session needs a server connection for. Connections made for equal requests are interchangeable once reset.
public struct ServerRequest: Sendable, Hashable {
    /// Who the gateway is to the server.
    public let credentials: UpstreamCredentials
    /// The database's name.
    public let database: String
    /// The settings of the startup message, in its order.
    public let parameters: [StartupParameter]
    /// Whether statements will be judged: the server must then be one whose grammar is ours.
    public let isJudged: Bool

    /// A request for a connection with these settings.
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
    /// Every parameter with its latest value.
    public private(set) var all: [(name: String, value: String)] = []

    /// No parameters.
    public init() {}

    /// Notes a parameter's new value.
    public mutating func set(_ name: String, _ value: String) {
        if let index = all.firstIndex(where: { $0.name == name }) {
            all[index].value = value
        } else {
            all.append((name, value))
        }
    }

    /// A parameter's latest value, nil when the server has not reported it.
    public subscript(name: String) -> String? {
        all.first { $0.name == name }?.value
    }
}

/// A server connection as its session needs to know it.
public struct ServerIdentity: Sendable {
    /// The server process's id, as BackendKeyData tells it.
    public let processID: Int32
    /// The server's own cancel secret.
    public let secret: Int32
    /// What the server has reported so far.
    public let parameters: ServerParameters

    /// What a login or a cleaning has found out.
    public init(processID: Int32, secret: Int32, parameters: ServerParameters) {
        self.processID = processID
        self.secret = secret
        self.parameters = parameters
    }
}
