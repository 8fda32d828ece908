import Cryptography
import PluginAPI
import PostgresWire
import Testing

@testable import Session

/// The gateway's own way into a server, by each method that it speaks.
@Suite("Logging in to the upstream")
struct ServerLoginTests {
    private static let credentials = UpstreamCredentials(user: "pg", password: "ml")

    private static func login(isJudged: Bool = true) -> ServerLogin {
        let request = ServerRequest(
            credentials: credentials,
            database: "pgml",
            parameters: [StartupParameter(name: "application_name", value: "x")],
            poolMode: .session,
            poolSize: 1,
            isJudged: isJudged
        )
        return ServerLogin(request, cache: SaltedPasswordCache(), nonce: [UInt8](repeating: 3, count: 18))
    }

    private static func authentication(_ code: Int32, _ data: [UInt8] = []) -> [UInt8] {
        var body: [UInt8] = []
        body.append(int32: code)
        return Frames.message("R", body + data)
    }

    private static func parameter(_ name: String, _ value: String) -> [UInt8] {
        Frames.message("S", Array("\(name)\0\(value)\0".utf8))
    }

    private static let keyData = Frames.message("K", [0, 0, 0, 9, 0, 0, 0, 8])
    private static let fit = parameter("server_version", "15.20") + parameter("server_encoding", "UTF8")

    /// Shows `bytes` to a login until they are used up or it has ended. Answers what it says and how it ended.
    private static func show(_ bytes: [UInt8], to login: inout ServerLogin) -> ServerLogin.Step {
        var rest = bytes
        while true {
            let held = rest
            let step = unsafe login.receive(held.span.bytes)
            guard case .proceed(let consumed) = step else { return step }
            rest.removeFirst(consumed)
            if rest.isEmpty { return step }
        }
    }

    private static func sent(_ login: inout ServerLogin) -> [UInt8] {
        defer { login.clearToServer() }
        return login.toServer
    }

    @Test("begins with a startup message that carries the session's settings")
    func startupMessage() throws {
        var login = Self.login()
        let bytes = Self.sent(&login)
        let decoded = try unsafe StartupRequest.decode(bytes.span.bytes)
        guard case .startup(let message) = decoded?.request else {
            Issue.record("not a startup message")
            return
        }
        #expect(message["user"] == "pg")
        #expect(message["database"] == "pgml")
        #expect(message["application_name"] == "x")
    }

    @Test("answers a request for a clear-text password")
    func cleartext() {
        var login = Self.login()
        _ = Self.sent(&login)
        _ = Self.show(Self.authentication(3), to: &login)
        #expect(Self.sent(&login) == Frames.message("p", Array("ml".utf8) + [0]))
    }

    @Test("answers a request for an MD5 password as PostgreSQL's documentation computes it")
    func md5() {
        var login = Self.login()
        _ = Self.sent(&login)
        _ = Self.show(Self.authentication(5, [1, 2, 3, 4]), to: &login)
        // "md5" || md5(md5('ml' || 'pg') || '\\x01020304'), as PostgreSQL itself computes it.
        #expect(Self.sent(&login) == Frames.message("p", Array("md5e445affce1e64c07b446453add78e0cc".utf8) + [0]))
    }

    @Test("proves the password by SCRAM, has the server prove it too, and is then ready")
    func scram() throws {
        var login = Self.login()
        _ = Self.sent(&login)
        let verifier = try SCRAMVerifier(password: "ml", salt: [UInt8](repeating: 5, count: 16))
        var server = SCRAMServerExchange(user: "pg", verifier: verifier, serverNonce: Array("server".utf8))
        _ = Self.show(Self.authentication(10, Array("SCRAM-SHA-256\0\0".utf8)), to: &login)
        let first = Self.sent(&login)
        let initial = Array(first[(5 + 14 + 4)...])
        guard case .challenge(let challenge) = server.begin(mechanism: "SCRAM-SHA-256", response: initial) else {
            Issue.record("the first message was refused")
            return
        }
        _ = Self.show(Self.authentication(11, challenge), to: &login)
        guard case .succeed(let final) = server.receive(Array(Self.sent(&login)[5...])) else {
            Issue.record("the proof was refused")
            return
        }
        let end = Self.authentication(12, final) + Self.authentication(0) + Self.fit + Self.keyData + Frames.ready("I")
        guard case .ready(_, let identity) = Self.show(end, to: &login) else {
            Issue.record("the login did not end")
            return
        }
        #expect(identity.processID == 9)
        #expect(identity.secret == 8)
        #expect(identity.parameters["server_version"] == "15.20")
    }

    @Test("does not take a server's word that cuts SCRAM short")
    func cutShort() {
        var login = Self.login()
        _ = Self.show(Self.authentication(10, Array("SCRAM-SHA-256\0\0".utf8)), to: &login)
        guard case .failed(let error) = Self.show(Self.authentication(0), to: &login) else {
            Issue.record("an unproven server was accepted")
            return
        }
        #expect(error.message == "the upstream did not prove that it knows the password")
    }

    @Test(
        "refuses a server whose statements cannot be judged",
        arguments: [
            (parameter("server_version", "16.1") + parameter("server_encoding", "UTF8"), "is PostgreSQL 16.1"),
            (parameter("server_version", "15.1") + parameter("server_encoding", "LATIN1"), "is encoded in LATIN1"),
            (parameter("server_encoding", "UTF8"), "is PostgreSQL unknown"),
            (fit + parameter("standard_conforming_strings", "off"), "standard_conforming_strings was changed"),
        ]
    )
    func unfit(parameters: [UInt8], expected: String) {
        let bytes = Self.authentication(0) + parameters + Self.keyData + Frames.ready("I")
        var judged = Self.login()
        guard case .failed(let error) = Self.show(bytes, to: &judged) else {
            Issue.record("an unfit server was accepted")
            return
        }
        #expect(error.message.contains(expected))
        var unjudged = Self.login(isJudged: false)
        guard case .ready = Self.show(bytes, to: &unjudged) else {
            Issue.record("where nothing judges, any server will do")
            return
        }
    }

    @Test("passes the server's refusal on, but not its opinion of credentials that are not the client's")
    func refusals() {
        var login = Self.login()
        guard case .failed(let missing) = Self.show(Frames.error("3D000", severity: "FATAL"), to: &login) else {
            return
        }
        #expect(missing.sqlState.rawValue == "3D000")
        var other = Self.login()
        guard case .failed(let wrong) = Self.show(Frames.error("28P01", severity: "FATAL"), to: &other) else { return }
        #expect(wrong.sqlState == .connectionFailure)
    }

    @Test(
        "gives up on what is not PostgreSQL",
        arguments: [Array("HTTP/1.1 400".utf8), [0x5a, 0, 0, 0, 1], [0x5a, 0x7f, 0, 0, 0]]
    )
    func garbage(bytes: [UInt8]) {
        var login = Self.login()
        guard case .failed(let error) = Self.show(bytes, to: &login) else {
            Issue.record("garbage was accepted")
            return
        }
        #expect(error.message == "the upstream does not answer as PostgreSQL does")
    }
}
