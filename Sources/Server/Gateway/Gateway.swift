import Configuration
import Cryptography
import Engine
import Glibc
import Logging
import PluginAPI
import Pooling
import Registry
import SQLInspection
import Session
import Synchronization

/// The running gateway: everything wired together.
struct Gateway {
    private let address: SocketAddress
    private let shared: GatewayShared
    private let loader: ChainLoader
    private let chains: ChainsInForce
    private let reactorCount: Int
    private let poolMode: String
    private let upstream: String
    private let logger: Logger

    /// Checks and loads everything that can be checked before a socket is opened.
    ///
    /// - Parameter base: the directory of gateway.toml.
    init(
        _ configuration: GatewayConfiguration,
        base: String,
        listen: String?,
        plugins: String?,
        logger: Logger
    ) throws {
        address = try Self.address(listen ?? "\(configuration.listenAddress):\(configuration.listenPort)")
        let loader = ChainLoader(
            directory: plugins ?? configuration.pluginsDirectory,
            base: base,
            isUnrestricted: configuration.isUnrestricted
        )
        self.loader = loader
        let chain = try loader.load(logger)
        chains = ChainsInForce(chain)
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
        let (shared, logger, loader, chains) = (shared, logger, loader, chains)
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
        let source = try SignalSource(reactor: signals) { signal in
            switch signal {
            case .hangUp:
                Self.reload(loader, chains, mailboxes, logger)
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
        chains.finish()
        logger.notice("stopped")
    }

    /// Reads the plugin files anew. With a mistake in one of them everything stays as it is.
    private static func reload(_ loader: ChainLoader, _ chains: ChainsInForce, _ mailboxes: [Mailbox], _ logger: Logger)
    {
        do {
            let chain = try loader.load(logger)
            chains.append(chain)
            for mailbox in mailboxes {
                mailbox.post { reactor in (reactor.attachment as? SessionHost)?.adopt(chain) }
            }
            logger.notice("SIGHUP: \(chain.links.count) plugin files of \(loader.directory) are in force")
        } catch {
            logger.error("SIGHUP: the plugin files stay as they were, for:\n\(error)")
        }
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

    private static func users(_ configuration: GatewayConfiguration) throws -> UserDirectory {
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

    private static func address(_ text: String) throws -> SocketAddress {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            let address = SocketAddress(
                numeric: String(text[..<colon].filter { $0 != "[" && $0 != "]" }),
                port: port
            )
        else {
            throw ConfigurationError(
                file: "--listen",
                message: "\"\(text)\" is not an address; write 127.0.0.1:6432 or [::1]:6432"
            )
        }
        return address
    }
}
