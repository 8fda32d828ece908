import Cryptography
import PluginAPI
import PostgresWire

/// The first packet, authentication, and what the chain says of the startup parameters.
extension ClientSession {
    func startUp(_ bytes: RawSpan) -> RelayStep {
        guard case .startup(let startup) = phase else { preconditionFailure("startUp is called while starting up") }
        do {
            return switch startup.stage {
            case .firstPacket: try readFirstPacket(bytes, startup)
            default: try readPassword(bytes, startup)
            }
        } catch {
            end(error)
            return RelayStep(discard: bytes.byteCount, .close)
        }
    }

    // MARK: The first packet

    private func readFirstPacket(_ bytes: RawSpan, _ startup: Startup) throws(ErrorResponse) -> RelayStep {
        let packet: (request: StartupRequest, size: Int)?
        do {
            packet = try StartupRequest.decode(bytes)
        } catch {
            throw ErrorResponse.fatal(error.sqlState, error.message)
        }
        guard let packet else {
            return RelayStep(.needMore(bytes.byteCount < 4 ? 4 : Int(bytes.int32(at: 0))))
        }
        switch packet.request {
        case .sslRequest where !startup.hasRefusedSSL:
            startup.hasRefusedSSL = true
            toClient.append(UInt8(ascii: "N"))
        case .gssEncryptionRequest where !startup.hasRefusedGSS:
            startup.hasRefusedGSS = true
            toClient.append(UInt8(ascii: "N"))
        case .sslRequest, .gssEncryptionRequest:
            throw ErrorResponse.fatal(.featureNotSupported, "encryption was requested twice")
        case .cancel(let processID, let secret):
            return RelayStep(discard: packet.size, .cancel(processID: processID, secret: secret))
        case .startup(let message):
            try begin(message, startup)
        }
        return RelayStep(discard: packet.size, .proceed)
    }

    private func begin(_ message: StartupMessage, _ startup: Startup) throws(ErrorResponse) {
        let unknownOptions = message.parameters.map(\.name).filter { $0.hasPrefix("_pq_.") }
        if message.minorVersion > 0 || !unknownOptions.isEmpty {
            toClient.appendNegotiateProtocolVersion(unknownOptions: unknownOptions)
        }
        guard let name = message["user"], !name.isEmpty else {
            throw ErrorResponse.fatal(.invalidAuthorization, "no PostgreSQL user name specified in startup packet")
        }
        if let refusal = startup.refusal { throw refusal }
        toClient.appendAuthenticationSASL(mechanisms: [SCRAMServerExchange.mechanism])
        startup.stage = .saslInitialResponse(message, environment.users.user(named: name))
    }

    // MARK: Authentication

    /// PostgreSQL's PG_MAX_SASL_MESSAGE_LENGTH.
    private static let longestPassword = 1024

    private func readPassword(_ bytes: RawSpan, _ startup: Startup) throws(ErrorResponse) -> RelayStep {
        guard bytes.byteCount >= MessageHeader.size else { return RelayStep(.needMore(MessageHeader.size)) }
        guard bytes.byte(at: 0) == FrontendTag.password.rawValue else {
            if bytes.byte(at: 0) == FrontendTag.terminate.rawValue { return RelayStep(.close) }
            throw .fatal(.protocolViolation, "expected SASL response, got message type \(bytes.byte(at: 0))")
        }
        let length = Int(bytes.int32(at: 1))
        guard length >= MessageHeader.lengthFieldSize, length <= Self.longestPassword else {
            throw .fatal(.protocolViolation, "invalid message length")
        }
        let size = length + 1
        guard bytes.byteCount >= size else { return RelayStep(.needMore(size)) }
        let body = bytes.extracting(MessageHeader.size..<size)
        switch startup.stage {
        case .firstPacket:
            preconditionFailure("passwords are read after the first packet")
        case .saslInitialResponse(let message, let user):
            var exchange = try makeExchange(message["user"] ?? "", user)
            let (mechanism, response) = try Self.initialResponse(body)
            try challenge(exchange.begin(mechanism: mechanism, response: response))
            startup.stage = .saslResponse(message, user, exchange)
            return RelayStep(discard: size, .proceed)
        case .saslResponse(let message, let user, var exchange):
            switch exchange.receive(body.array(0..<body.byteCount)) {
            case .succeed(let final):
                guard let user else {
                    preconditionFailure("nobody proves the password of a user that does not exist")
                }
                toClient.appendAuthenticationSASLFinal(final)
                toClient.appendAuthenticationOk()
                try admit(user, message, address: startup.address)
                if case .greeting = phase { return RelayStep(discard: size, .greet) }
                return RelayStep(discard: size, .lease)
            case let other:
                try challenge(other)
                startup.stage = .saslResponse(message, user, exchange)
                return RelayStep(discard: size, .proceed)
            }
        }
    }

    private func challenge(_ action: SCRAMServerExchange.Action) throws(ErrorResponse) {
        switch action {
        case .challenge(let data): toClient.appendAuthenticationSASLContinue(data)
        case .fail(let failure): throw .fatal(failure.sqlState, failure.message, detail: failure.detail)
        case .succeed: throw .fatal(.protocolViolation, "SCRAM ended before the client had proved its password")
        }
    }

    private func makeExchange(_ name: String, _ user: GatewayUser?) throws(ErrorResponse) -> SCRAMServerExchange {
        let nonce = SCRAMKeys.nonce(random: environment.randomBytes(SCRAMKeys.rawNonceLength))
        if let user { return SCRAMServerExchange(user: name, verifier: user.verifier, serverNonce: nonce) }
        do {
            return try SCRAMServerExchange(
                unknownUser: name,
                mockSecret: environment.users.mockSecret,
                serverNonce: nonce
            )
        } catch {
            throw .fatal(.internalError, "could not compute a SCRAM key")
        }
    }

    private static func initialResponse(
        _ body: RawSpan
    ) throws(ErrorResponse) -> (mechanism: String, response: [UInt8]?) {
        guard let end = body.firstNull(from: 0), body.byteCount >= end + 5 else {
            throw .fatal(.protocolViolation, "invalid message format")
        }
        let mechanism = body.string(0..<end)
        let length = Int(body.int32(at: end + 1))
        if length == -1, body.byteCount == end + 5 { return (mechanism, nil) }
        guard length == body.byteCount - end - 5 else {
            throw .fatal(.protocolViolation, "invalid message format")
        }
        return (mechanism, body.array(end + 5..<body.byteCount))
    }

    // MARK: What the session is to be

    private func admit(_ user: GatewayUser, _ message: StartupMessage, address: String) throws(ErrorResponse) {
        let database = message["database"].flatMap { $0.isEmpty ? nil : $0 } ?? user.name
        if let databases = user.databases, !databases.contains(database) {
            throw .fatal(
                .insufficientPrivilege,
                "permission denied for database \"\(database)\"",
                hint: "Add it to the databases of user \"\(user.name)\" in gateway.toml."
            )
        }
        if let replication = message["replication"], !["false", "off", "no", "0"].contains(replication.lowercased()) {
            throw .fatal(
                .insufficientPrivilege,
                "replication connections are not allowed",
                hint: "Connect without the startup parameter replication."
            )
        }
        var parameters = try settings(of: message)
        let identity = SessionIdentity(
            user: user.name,
            database: database,
            applicationName: parameters.last { $0.name.lowercased() == "application_name" }?.value ?? "",
            address: address
        )
        poolMode = user.poolMode
        policy = judge.context(for: identity)
        if policy.isJudged { parameters = try judge.judged(parameters, in: policy) }
        let (connection, session) =
            poolMode == .session ? (parameters, [:]) : StartupParameters.split(parameters)
        let request = ServerRequest(
            credentials: user.upstream,
            database: database,
            parameters: connection,
            poolMode: poolMode,
            poolSize: user.poolSize,
            isJudged: policy.isJudged
        )
        serverRequest = request
        startupSettings = session.isEmpty ? .none : SessionSettings(session)
        settings = startupSettings
        phase = .leasing
        guard poolMode == .transaction, let known = greetings.greeting(for: request, settings) else { return }
        serverRequest = known.request
        startupSettings = known.settings
        settings = known.settings
        phase = .greeting(known.parameters, messages: known.messages)
    }

    /// The settings of a startup message: those in `options` first, as PostgreSQL applies them.
    private func settings(of message: StartupMessage) throws(ErrorResponse) -> [StartupParameter] {
        var options: [StartupParameter] = []
        var others: [StartupParameter] = []
        for parameter in message.parameters {
            switch parameter.name {
            case "user", "database", "replication":
                continue
            case "options":
                options = try StartupOptions.settings(parameter.value)
            case let name where name.hasPrefix("_pq_."):
                continue
            default:
                others.append(StartupParameter(name: parameter.name, value: parameter.value))
            }
        }
        return options + others
    }
}
