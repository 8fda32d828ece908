import Cryptography
public import Logging
public import SQLInspection
public import Session

/// What all reactors of a gateway share.
public final class GatewayShared: Sendable {
    public let settings: HostSettings
    public let chain: PluginChain
    public let environment: SessionEnvironment
    public let inspection: Inspector.Limits
    public let placement: SessionPlacement
    public let logger: Logger
    let cancels = CancelRegistry()
    let passwords = SaltedPasswordCache()
    let resolver: Resolver
    let worker: Worker
    let randomBytes: @Sendable (Int) -> [UInt8]

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
    public var upstreamPort: UInt16
    public var authenticationTimeout = Duration.seconds(60)
    /// From looking up the upstream's name to the end of login.
    public var connectTimeout = Duration.seconds(15)
    public var shutdownTimeout = Duration.seconds(30)
    public var serverIdleTimeout = Duration.seconds(60)
    /// Per reactor.
    public var maximumIdleServers = 32
    public var maximumClientConnections = 1000

    public init(upstreamHost: String, upstreamPort: UInt16) {
        self.upstreamHost = upstreamHost
        self.upstreamPort = upstreamPort
    }
}
