import Cryptography
package import PostgresWire

/// A connection's way from the startup message to the server's first ReadyForQuery.
///
/// Shown the server's bytes, it answers in `toServer` and ends with the server's identity or with why there is none.
package struct ServerLogin {
    /// What became of the bytes shown.
    package enum Step {
        case proceed(consumed: Int)
        case needMore(Int)
        case ready(consumed: Int, ServerIdentity)
        case failed(ErrorResponse)
    }

    /// Bytes to send.
    package private(set) var toServer: [UInt8]
    private let request: ServerRequest
    private let cache: SaltedPasswordCache
    private var exchange: SCRAMClientExchange?
    /// The server has shown that it knows the password too.
    private var isProven = false
    private var parameters = ServerParameters()
    private var processID: Int32 = 0
    private var secret: Int32 = 0
    private var isAuthenticated = false
    private let nonce: [UInt8]

    /// - Parameter nonce: random bytes for SCRAM.
    package init(_ request: ServerRequest, cache: SaltedPasswordCache, nonce: [UInt8]) {
        self.request = request
        self.cache = cache
        self.nonce = nonce
        toServer = request.startupMessage.encoded()
    }

    /// Empties `toServer` once it has been sent.
    package mutating func clearToServer() { toServer.removeAll() }

    /// Looks at the message at the start of `bytes`.
    package mutating func receive(_ bytes: RawSpan) -> Step {
        switch ServerMessage(at: bytes) {
        case .incomplete(let needed): .needMore(needed)
        case .whole(let tag, let size): note(tag, bytes.extracting(MessageHeader.size..<size), size: size)
        case .malformed: .failed(Self.notPostgreSQL)
        }
    }

    private mutating func note(_ tag: BackendTag, _ body: RawSpan, size: Int) -> Step {
        do {
            switch tag {
            case .authentication:
                try authenticate(body)
            case .parameterStatus where isAuthenticated:
                guard parameters.note(body) != nil else { return .failed(Self.notPostgreSQL) }
            case .backendKeyData where isAuthenticated && body.byteCount == 8:
                processID = body.int32(at: 0)
                secret = body.int32(at: 4)
            case .errorResponse:
                return .failed(refusal(body))
            case .noticeResponse:
                break
            case .readyForQuery where isAuthenticated:
                if let problem = unfitness { return .failed(problem) }
                return .ready(
                    consumed: size,
                    ServerIdentity(
                        processID: processID,
                        secret: secret,
                        parameters: parameters,
                        user: request.credentials.user
                    )
                )
            default:
                return .failed(Self.notPostgreSQL)
            }
        } catch {
            return .failed(error)
        }
        return .proceed(consumed: size)
    }

    // MARK: Authentication

    private mutating func authenticate(_ body: RawSpan) throws(ErrorResponse) {
        guard body.byteCount >= 4 else { throw Self.notPostgreSQL }
        let data = body.array(4..<body.byteCount)
        switch body.int32(at: 0) {
        case 0:
            // A server that accepts without having proved that it knows the password may be anybody.
            guard exchange == nil || isProven else { throw Self.unproven }
            isAuthenticated = true
        case 3:
            toServer.appendPassword(Array(request.credentials.password.utf8))
        case 5:
            guard data.count == 4 else { throw Self.notPostgreSQL }
            let (user, password) = (request.credentials.user, request.credentials.password)
            let response = try Self.computing { () throws(CryptographyError) in
                try MD5Password.response(user: user, password: password, salt: data)
            }
            toServer.appendPassword(response)
        case 10:
            try beginSASL(data)
        case 11:
            try continueSASL(data, isFinal: false)
        case 12:
            try continueSASL(data, isFinal: true)
        default:
            throw ErrorResponse(
                .connectionFailure,
                "the upstream asks for an authentication method that the gateway does not speak",
                hint: "Use scram-sha-256, md5 or password for the gateway in the upstream's pg_hba.conf."
            )
        }
    }

    private mutating func beginSASL(_ data: [UInt8]) throws(ErrorResponse) {
        let mechanisms = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard mechanisms.contains(SCRAMServerExchange.mechanism) else {
            throw ErrorResponse(.connectionFailure, "the upstream offers no SASL mechanism that the gateway speaks")
        }
        let begun = SCRAMClientExchange(nonce: SCRAMKeys.nonce(random: nonce))
        toServer.appendSASLInitialResponse(mechanism: SCRAMServerExchange.mechanism, begun.initialResponse)
        exchange = begun
    }

    private mutating func continueSASL(_ data: [UInt8], isFinal: Bool) throws(ErrorResponse) {
        guard var exchange else { throw Self.notPostgreSQL }
        var action = exchange.receive(data, isFinal: isFinal)
        if case .deriveKey(let salt, let iterations) = action {
            let (credentials, cache) = (request.credentials, cache)
            let salted = try Self.computing { () throws(CryptographyError) in
                try cache.saltedPassword(
                    user: credentials.user,
                    password: credentials.password,
                    salt: salt,
                    iterations: iterations
                )
            }
            action = exchange.resume(saltedPassword: salted)
        }
        self.exchange = exchange
        switch action {
        case .respond(let response):
            toServer.appendSASLResponse(response)
        case .succeed:
            isProven = true
        case .fail(let failure):
            throw ErrorResponse(
                .connectionFailure,
                "the upstream broke off authentication",
                detail: "\(failure.message). \(failure.detail ?? "")"
            )
        case .deriveKey:
            throw Self.notPostgreSQL
        }
    }

    private static func computing<Value>(
        _ body: () throws(CryptographyError) -> Value
    ) throws(ErrorResponse) -> Value {
        do {
            return try body()
        } catch {
            throw ErrorResponse(.internalError, "could not compute the answer to the upstream", detail: "\(error)")
        }
    }

    // MARK: What can go wrong

    /// The server's own words, but for its opinion of credentials that the client does not have.
    private func refusal(_ body: RawSpan) -> ErrorResponse {
        let sqlState = ErrorFields.value("C", in: body) ?? SQLState.connectionFailure.rawValue
        let message = ErrorFields.value("M", in: body) ?? "the upstream refused the connection"
        guard !sqlState.hasPrefix("28") else {
            return ErrorResponse(
                .connectionFailure,
                "the upstream refused the gateway's credentials",
                hint: "Check the upstream user and password of the gateway's configuration."
            )
        }
        return ErrorResponse(
            SQLState(rawValue: sqlState),
            message,
            detail: ErrorFields.value("D", in: body),
            hint: ErrorFields.value("H", in: body)
        )
    }

    /// The PostgreSQL version whose grammar statements are parsed with.
    private static let grammarVersion = 15

    /// Why a server that let us in cannot be used.
    private var unfitness: ErrorResponse? {
        guard request.isJudged else { return nil }
        let version = parameters["server_version"] ?? "unknown"
        guard Int(version.prefix { $0.isNumber }) == Self.grammarVersion else {
            return ErrorResponse(
                .connectionFailure,
                "the upstream is PostgreSQL \(version), whose statements the gateway cannot judge",
                detail: "Statements are parsed with the grammar of PostgreSQL \(Self.grammarVersion).",
                hint: "Use an upstream of that version."
            )
        }
        let encoding = parameters["server_encoding"] ?? "unknown"
        guard encoding == "UTF8" else {
            return ErrorResponse(
                .connectionFailure,
                "the upstream database is encoded in \(encoding), which the gateway cannot judge",
                hint: "Use a database with encoding UTF8."
            )
        }
        for (name, value) in parameters.all {
            if let problem = SessionGuards.problem(withParameter: name, value: value) {
                return ErrorResponse(.connectionFailure, problem)
            }
        }
        return nil
    }

    private static let notPostgreSQL = ErrorResponse(
        .connectionFailure,
        "the upstream does not answer as PostgreSQL does",
        hint: "Check the host and port of the upstream."
    )

    private static let unproven = ErrorResponse(
        .connectionFailure,
        "the upstream did not prove that it knows the password"
    )
}
