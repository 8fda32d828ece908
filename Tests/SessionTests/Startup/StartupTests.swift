import PluginAPI
import PostgresWire
import SQLInspection
import Testing

@testable import Session

/// From the first packet to the wish for a server connection.
@Suite("Starting up")
struct StartupTests {
    /// A session that has just been accepted, with one user "pg" whose password is "ml".
    private static func session(
        _ plugins: [any Plugin] = [ProbePlugin()],
        databases: Set<String>? = nil,
        refusal: ErrorResponse? = nil
    ) throws -> ClientSession {
        let links = plugins.map { PluginChain.Link(file: "plugins.d/1.toml", plugin: $0) }
        let user = GatewayUser(
            name: "pg",
            verifier: try SCRAMVerifier(password: "ml", salt: [UInt8](repeating: 1, count: 16)),
            upstream: UpstreamCredentials(user: "upstream", password: "secret"),
            databases: databases
        )
        return ClientSession(
            environment: SessionEnvironment(
                limits: SessionLimits(),
                users: UserDirectory([user], mockSecret: [UInt8](repeating: 2, count: 32)),
                randomBytes: { [UInt8](repeating: 7, count: $0) }
            ),
            judge: Judge(chain: PluginChain(links), limits: Inspector.Limits()),
            address: "192.0.2.1",
            refusal: refusal
        )
    }

    private static func show(_ bytes: [UInt8], to session: ClientSession) -> RelayStep.Next {
        var rest = bytes
        while true {
            let held = rest
            let step = unsafe session.receive(fromClient: held.span.bytes)
            rest.removeFirst(step.forward + step.discard)
            guard step.next == .proceed, !rest.isEmpty else { return step.next }
        }
    }

    private static func answer(_ session: ClientSession) -> [UInt8] {
        defer { session.clearToClient() }
        return session.toClient
    }

    private static func startup(_ parameters: [(String, String)], minor: Int = 0) -> [UInt8] {
        StartupMessage(
            minorVersion: minor,
            parameters: parameters.map { .init(name: $0.0, value: $0.1) }
        ).encoded()
    }

    /// Logs in with SCRAM and answers what the session then wants.
    private static func logIn(
        _ session: ClientSession,
        _ parameters: [(String, String)],
        password: String = "ml"
    ) throws -> RelayStep.Next {
        _ = show(startup(parameters), to: session)
        _ = answer(session)
        var exchange = SCRAMClientExchange(nonce: SCRAMKeys.nonce(random: [UInt8](repeating: 9, count: 18)))
        var message: [UInt8] = []
        message.appendSASLInitialResponse(mechanism: "SCRAM-SHA-256", exchange.initialResponse)
        _ = show(message, to: session)
        let challenge = Array(answer(session)[9...])
        guard case .deriveKey(let salt, let iterations) = exchange.receive(challenge, isFinal: false),
            case .respond(let response) = exchange.resume(
                saltedPassword: try SCRAMKeys.saltedPassword(password, salt: salt, iterations: iterations)
            )
        else {
            Issue.record("the challenge was not understood")
            return .close
        }
        var proof: [UInt8] = []
        proof.appendSASLResponse(response)
        return show(proof, to: session)
    }

    private static let plain = [("user", "pg"), ("database", "pgml")]

    @Test("declines encryption once of each kind, and does not understand a second request")
    func encryption() throws {
        let session = try Self.session()
        let ssl: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 47]
        let gss: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 48]
        _ = Self.show(gss, to: session)
        _ = Self.show(ssl, to: session)
        #expect(Self.answer(session) == Array("NN".utf8))
        #expect(Self.show(ssl, to: session) == .close)
    }

    @Test("negotiates protocol 3.0 with clients that would rather speak a later one")
    func negotiation() throws {
        let session = try Self.session()
        _ = Self.show(Self.startup(Self.plain + [("_pq_.option", "1")], minor: 2), to: session)
        #expect(Frames.names(Self.answer(session)) == ["v", "R"])
    }

    @Test(
        "ends on a first packet that is none",
        arguments: [
            [0, 0, 0, 7, 0, 3, 0], [0xff, 0xff, 0xff, 0xff, 0, 3, 0, 0], [0, 0, 0, 8, 0, 2, 0, 0],
            [0, 1, 0, 0, 0, 3, 0, 0], [0, 0, 0, 9, 0, 3, 0, 0, 65], Array("GET / HTTP/1.1\r\n".utf8),
            [0, 0, 0, 8, 0, 3, 0, 0], [0, 0, 0, 9, 0, 3, 0, 0, 0],
        ] as [[UInt8]]
    )
    func garbage(bytes: [UInt8]) throws {
        let session = try Self.session()
        #expect(Self.show(bytes, to: session) == .close)
        #expect(Frames.names(Self.answer(session)).first?.hasPrefix("E FATAL") == true)
    }

    @Test("takes a packet that comes a byte at a time")
    func byteByByte() throws {
        let session = try Self.session()
        let packet = Self.startup(Self.plain)
        for count in 1..<packet.count {
            let part = Array(packet[..<count])
            guard case .needMore = unsafe session.receive(fromClient: part.span.bytes).next else {
                Issue.record("\(count) bytes were enough")
                return
            }
        }
        #expect(Self.show(packet, to: session) == .proceed)
        #expect(Frames.names(Self.answer(session)) == ["R"])
    }

    @Test("wants a server connection as the upstream's user, with what inspection rests on pinned")
    func lease() throws {
        let session = try Self.session()
        let settings = [("options", "-c work_mem=1MB --geqo=off"), ("client_encoding", "utf-8"), ("DateStyle", "ISO")]
        #expect(try Self.logIn(session, Self.plain + settings) == .lease)
        let request = try #require(session.serverRequest)
        #expect(request.credentials.user == "upstream")
        #expect(request.database == "pgml")
        #expect(request.isJudged)
        #expect(
            request.parameters.map { "\($0.name)=\($0.value)" } == [
                "client_encoding=UTF8", "standard_conforming_strings=on", "work_mem=1MB", "geqo=off", "DateStyle=ISO",
            ]
        )
        #expect(session.identity?.address == "192.0.2.1")
    }

    @Test("refuses a wrong password and an unknown user in the same words")
    func wrongPassword() throws {
        let wrong = try Self.session()
        #expect(try Self.logIn(wrong, Self.plain, password: "other") == .close)
        #expect(Frames.names(Self.answer(wrong)) == ["E FATAL 28P01 password authentication failed for user \"pg\""])
        let unknown = try Self.session()
        #expect(try Self.logIn(unknown, [("user", "who")]) == .close)
        #expect(Frames.names(Self.answer(unknown)) == ["E FATAL 28P01 password authentication failed for user \"who\""])
    }

    @Test(
        "refuses what would change how text is read, what is no setting, and replication",
        arguments: [
            [("client_encoding", "SJIS")], [("CLIENT_ENCODING", "BIG5")], [("options", "-c client_encoding=GBK")],
            [("standard_conforming_strings", "off")], [("options", "-c standard-conforming-strings=off")],
            [("options", "-d 5")], [("options", "-c")], [("replication", "database")], [("replication", "1")],
        ]
    )
    func refusedParameters(parameters: [(String, String)]) throws {
        let session = try Self.session()
        #expect(try Self.logIn(session, Self.plain + parameters) == .close)
        #expect(session.serverRequest == nil)
    }

    @Test("refuses a database that is not the user's, and everybody when there is no room")
    func databasesAndRoom() throws {
        let session = try Self.session(databases: ["other"])
        #expect(try Self.logIn(session, Self.plain) == .close)
        let full = try Self.session(refusal: ErrorResponse(.tooManyConnections, "sorry, too many clients already"))
        #expect(Self.show(Self.startup(Self.plain), to: full) == .close)
        #expect(Frames.names(Self.answer(full)) == ["E FATAL 53300 sorry, too many clients already"])
    }

    @Test("tells the engine of a cancel request")
    func cancel() throws {
        let session = try Self.session()
        let packet = [UInt8].cancelRequest(processID: 11, secret: 12)
        #expect(Self.show(packet, to: session) == .cancel(processID: 11, secret: 12))
    }
}
