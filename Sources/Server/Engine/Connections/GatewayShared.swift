import Cryptography
public import Logging
public import SQLInspection
public import Session

/// What all reactors of a gateway share.
public final class GatewayShared: Sendable {
    /// Addresses, sizes and times.
    public let settings: HostSettings
    /// The plugins.
    public let chain: PluginChain
    /// What sessions share: users and limits.
    public let environment: SessionEnvironment
    /// How long statements may be and how much is remembered of them, per reactor.
    public let inspection: Inspector.Limits
    /// How many sessions each reactor has.
    public let placement: SessionPlacement
    /// Where the gateway's own events go.
    public let logger: Logger
    let cancels = CancelRegistry()
    let passwords = SaltedPasswordCache()
    let resolver: Resolver
    let worker: Worker
    let randomBytes: @Sendable (Int) -> [UInt8]

    /// Starts the threads that resolve names and parse long statements.
    public init(
        settings: HostSettings,
        chain: PluginChain,
        environment: SessionEnvironment,
        inspection: Inspector.Limits,
        placement: SessionPlacement,
        logger: Logger,
        randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) throws(SystemError) {
        self.settings = settings
        self.chain = chain
        self.environment = environment
        self.inspection = inspection
        self.placement = placement
        self.logger = logger
        self.randomBytes = randomBytes
        resolver = try Resolver()
        worker = try Worker(capacity: 64)
    }
}

/// Addresses, sizes and times of a gateway.
public struct HostSettings: Sendable {
    /// A name, a numeric address or the path of a Unix socket.
    public var upstreamHost: String
    /// The upstream's port; of a Unix socket, the one in its name.
    public var upstreamPort: UInt16
    /// From a client's connecting to its being authenticated.
    public var authenticationTimeout = Duration.seconds(60)
    /// From looking up the upstream's name to the end of login.
    public var connectTimeout = Duration.seconds(15)
    /// How long running transactions may go on once the gateway is told to stop.
    public var shutdownTimeout = Duration.seconds(30)
    /// How long a server connection waits for another session.
    public var serverIdleTimeout = Duration.seconds(60)
    /// Per reactor.
    public var maximumIdleServers = 32
    /// Over all reactors.
    public var maximumClientConnections = 1000

    /// The other values are the defaults of `gateway.toml`.
    public init(upstreamHost: String, upstreamPort: UInt16) {
        self.upstreamHost = upstreamHost
        self.upstreamPort = upstreamPort
    }
}
