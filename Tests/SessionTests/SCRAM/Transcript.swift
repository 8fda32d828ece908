import PostgresWire

@testable import Session

/// The example of RFC 7677, section 3: user "user", password "pencil".
enum Example {
    static let clientNonce = "rOprNGfwEbeRWgbNEkqO"
    static let serverNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    static let salt: [UInt8] = [
        0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e, 0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81,
    ]
    static let clientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    static let serverFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    static let clientFinalWithoutProof = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    static let proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    static let clientFinal = clientFinalWithoutProof + ",p=" + proof
    static let serverFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

    static func server(password: String = "pencil") throws -> SCRAMServerExchange {
        SCRAMServerExchange(
            user: "user",
            verifier: try SCRAMVerifier(password: password, salt: salt),
            serverNonce: Array(serverNonce.utf8)
        )
    }

    static func client() -> SCRAMClientExchange {
        SCRAMClientExchange(nonce: Array(clientNonce.utf8), name: "user")
    }
}

extension SCRAMServerExchange {
    mutating func begin(_ text: String) -> Said {
        Said(begin(mechanism: Self.mechanism, response: Array(text.utf8)))
    }

    mutating func receive(_ text: String) -> Said { Said(receive(Array(text.utf8))) }
}

extension SCRAMClientExchange {
    mutating func receive(_ text: String, isFinal: Bool) -> Said {
        Said(receive(Array(text.utf8), isFinal: isFinal))
    }
}

/// An action as a line of a transcript.
enum Said: Equatable {
    case challenge(String)
    case derive(iterations: Int)
    case respond(String)
    case succeed(String)
    /// SQLSTATE, message, detail.
    case fail(String, String, String?)

    static func malformed(_ detail: String) -> Said { .fail("08P01", "malformed SCRAM message", detail) }

    init(_ action: SCRAMServerExchange.Action) {
        switch action {
        case .challenge(let bytes): self = .challenge(String(decoding: bytes, as: UTF8.self))
        case .succeed(let bytes): self = .succeed(String(decoding: bytes, as: UTF8.self))
        case .fail(let failure): self.init(failure)
        }
    }

    init(_ action: SCRAMClientExchange.Action) {
        switch action {
        case .deriveKey(_, let iterations): self = .derive(iterations: iterations)
        case .respond(let bytes): self = .respond(String(decoding: bytes, as: UTF8.self))
        case .succeed: self = .succeed("")
        case .fail(let failure): self.init(failure)
        }
    }

    private init(_ failure: SCRAMFailure) {
        self = .fail(failure.sqlState.description, failure.message, failure.detail)
    }

    var isFailure: Bool {
        if case .fail = self { return true }
        return false
    }
}
