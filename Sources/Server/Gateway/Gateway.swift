import Configuration
import Cryptography
import Engine
import Logging
import PluginAPI
import Pooling
import SQLInspection
import Session

/// The running gateway: everything wired together.
struct Gateway {
    private let address: SocketAddress
    private let shared: GatewayShared
    private let loader: ChainLoader
    private let chain: PluginChain
    private let reactorCount: Int
    private let poolMode: String
    private let upstream: String
    private let logger: Logger

    /// Checks and loads everything that can be checked before a socket is opened.
    ///
    /// - Parameter config: the path of gateway.toml.
    init(
        _ configuration: GatewayConfiguration,
        from config: String,
        listen: String?,
        plugins: String?,
        logger: Logger
    ) throws {
        address = try SocketAddress(
            listen ?? "\(configuration.listenAddress):\(configuration.listenPort)",
            option: "--listen"
        )
        let loader = ChainLoader(
            directory: plugins ?? configuration.pluginsDirectory,
            config: config,
            isUnrestricted: configuration.isUnrestricted
        )
        self.loader = loader
        chain = try loader.load()
        if !chain.enforces { logger.warning("\(ChainLoader.unrestricted)") }
        let limits = configuration.limits
        shared = try GatewayShared(
            settings: Self.settings(configuration),
            chain: chain,
            environment: SessionEnvironment(
                limits: SessionLimits(
                    maximumInspectedBindBytes: limits.maxInspectedBindBytes.bytes,
                    maximumPreparedStatements: limits.maxPreparedStatements,
                    maximumServerStatements: configuration.pool.maxPreparedStatements,
                    maximumServerStatementBytes: configuration.pool.maxPreparedStatementBytes.bytes
                ),
                users: try Self.users(configuration),
                randomBytes: Self.randomBytes
            ),
            inspection: Inspector.Limits(maximumStatementBytes: limits.maxStatementBytes.bytes),
            placement: SessionPlacement(reactors: configuration.reactors),
            logger: logger,
            randomBytes: Self.randomBytes
        )
        reactorCount = configuration.reactors
        upstream = configuration.upstream.description
        poolMode = configuration.poolMode.rawValue
        self.logger = logger
    }

    /// Serves until a signal ends it and all sessions have gone.
    func run() throws {
        let socket: Int32
        do {
            socket = try Socket.listen(on: address)
        } catch {
            let remedy = "set listen_address and listen_port in gateway.toml, or start with --listen ADDRESS:PORT"
            throw StartFailure(description: "\(error); \(remedy)")
        }
        let (shared, logger) = (shared, logger)
        // Behind the socket: where another gateway has the port, nothing of its is touched.
        try loader.begin(chain)
        let reactors = try (0..<reactorCount).map { index in
            try ReactorThread.start(index: index) { reactor in
                reactor.attachment = SessionHost(reactor: reactor, shared: shared)
            }
        }
        let mailboxes = reactors.map(\.mailbox)
        for reactor in reactors {
            reactor.mailbox.post { reactor in
                (reactor.attachment as? SessionHost)?.listen(on: socket, mailboxes: mailboxes)
            }
        }
        let place = Socket.localAddress(socket) ?? address
        logger.notice("listening on \(place), upstream \(upstream), \(poolMode) pooling")
        let signals = try Reactor(index: reactorCount)
        let inForce = ChainInForce(chain, loader: loader, mailboxes: mailboxes, logger: logger)
        inForce.warnWhileUnrestricted(every: .seconds(60), on: signals)
        let source = try SignalSource(reactor: signals) { signal in
            switch signal {
            case .hangUp:
                inForce.reload()
            case .user1:
                JudgedStatements.ask(mailboxes, from: signals) { logger.notice("\($0)") }
            case .interrupt, .terminate:
                logger.notice("shutting down: waiting for running transactions")
                signals.stop()
            }
        }
        signals.run()
        withExtendedLifetime(source) {}
        Socket.close(socket)
        for reactor in reactors {
            reactor.mailbox.post { reactor in
                (reactor.attachment as? SessionHost)?.shutDown { reactor.stop() }
            }
        }
        for reactor in reactors { reactor.join() }
        inForce.finish()
        logger.notice("stopped")
    }

    private static func settings(_ configuration: GatewayConfiguration) -> HostSettings {
        let upstream = configuration.upstream
        var settings =
            switch upstream.host {
            case .tcp(let name): HostSettings(upstreamHost: name, upstreamPort: upstream.port)
            case .unixSocket: HostSettings(upstreamHost: upstream.socketPath ?? "", upstreamPort: upstream.port)
            }
        settings.authenticationTimeout = configuration.limits.authenticationTimeout
        settings.connectTimeout = configuration.connectTimeout
        settings.shutdownTimeout = configuration.limits.shutdownTimeout
        settings.pool = limits(configuration.pool)
        settings.queryTimeout = configuration.pool.queryTimeout
        settings.idleTransactionTimeout = configuration.pool.idleTransactionTimeout
        settings.maximumClientConnections = configuration.limits.maxClientConnections
        return settings
    }

    /// Without random numbers there is no authentication worth the name: the gateway does not go on.
    @Sendable
    private static func randomBytes(_ count: Int) -> [UInt8] {
        do {
            return try SecureRandom.bytes(count)
        } catch {
            preconditionFailure("the system gives no random numbers: \(error)")
        }
    }

    /// The users with what their passwords are checked against.
    static func users(_ configuration: GatewayConfiguration) throws -> UserDirectory {
        let users = try configuration.users.map { user in
            let login = configuration.upstreamLogin(of: user)
            return Session.GatewayUser(
                name: user.name,
                verifier: try verifier(user),
                upstream: UpstreamCredentials(
                    user: login.user,
                    password: login.password?.revealed ?? ""
                ),
                databases: user.databases,
                poolMode: poolMode(configuration.poolMode(of: user)),
                poolSize: configuration.poolSize(of: user)
            )
        }
        return UserDirectory(users, mockSecret: randomBytes(32))
    }

    private static func poolMode(_ mode: Configuration.PoolMode) -> Session.PoolMode {
        switch mode {
        case .session: .session
        case .transaction: .transaction
        }
    }

    private static func limits(_ pool: Configuration.Pool) -> PoolLimits {
        // The size is the user's own.
        var limits = PoolLimits(size: 1)
        limits.reserve = pool.reserveSize
        limits.reserveAfter = pool.reserveAfter
        limits.minimum = pool.minimum
        limits.lifetime = pool.serverLifetime
        limits.idleTime = pool.serverIdleTimeout
        limits.waitTime = pool.queryWaitTimeout
        return limits
    }

    private static func verifier(_ user: Configuration.GatewayUser) throws -> SCRAMVerifier {
        switch user.credential {
        case .password(let password):
            return try SCRAMVerifier(password: password.revealed, salt: randomBytes(SCRAMKeys.saltLength))
        case .scramVerifier(let text):
            guard let verifier = SCRAMVerifier(parsing: text.revealed) else {
                throw ConfigurationError(
                    file: "gateway.toml",
                    key: "users.\(user.name)",
                    message: "is not a SCRAM-SHA-256 verifier; copy one from pg_authid.rolpassword"
                )
            }
            return verifier
        }
    }
}
