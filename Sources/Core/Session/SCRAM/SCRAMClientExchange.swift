internal import Cryptography
internal import PostgresWire

/// The client's side of a SCRAM-SHA-256 exchange (RFC 5802, 7677): we prove to a server that we know a password, and it
/// proves to us that it knows it too.
///
/// It follows libpq's `fe-auth-scram.c` without channel binding, and is stricter in two things: the server must add
/// to the nonce, and nothing may follow what it has to say.
package struct SCRAMClientExchange: Sendable {
    /// The most iterations a server may ask for, some 1.3 seconds of work: a server that is not the right one must not
    /// be able to keep us busy for hours.
    package static let maximumIterations = 1_000_000

    /// What to do after a message.
    package enum Action: Sendable, Hashable {
        /// Work out `SCRAMKeys.saltedPassword`, or take it from a `SaltedPasswordCache`, and call `resume`.
        case deriveKey(salt: [UInt8], iterations: Int)
        /// Send a SASLResponse.
        case respond([UInt8])
        /// The server is the right one. AuthenticationOk must come next.
        case succeed
        /// Close the connection.
        case fail(SCRAMFailure)
    }

    private enum State {
        case beforeServerFirst
        case beforeKey(serverFirst: [UInt8], nonce: [UInt8])
        case beforeServerFinal(signature: [UInt8])
        case finished
    }

    private let nonce: [UInt8]
    /// client-first-message-bare
    private let bare: [UInt8]
    private var state = State.beforeServerFirst

    /// - Parameter nonce: from `SCRAMKeys.nonce`, new for every exchange.
    package init(nonce: [UInt8]) {
        self.init(nonce: nonce, name: "")
    }

    /// With a name in the exchange, as the RFC's examples have it. PostgreSQL takes StartupMessage's.
    init(nonce: [UInt8], name: String) {
        self.nonce = nonce
        bare = Array("n=\(name),r=".utf8) + nonce
    }

    /// What SASLInitialResponse holds.
    package var initialResponse: [UInt8] { Array("n,,".utf8) + bare }

    /// The content of an AuthenticationSASLContinue or AuthenticationSASLFinal.
    ///
    /// - Parameter isFinal: whether it was the latter.
    package mutating func receive(_ message: [UInt8], isFinal: Bool) -> Action {
        do throws(SCRAMFailure) {
            switch (state, isFinal) {
            case (.beforeServerFirst, false):
                return try readServerFirst(message)
            case (.beforeServerFinal(let signature), true):
                state = .finished
                try readServerFinal(message, expecting: signature)
                return .succeed
            case (.beforeServerFirst, true), (.beforeServerFinal, false), (.beforeKey, _), (.finished, _):
                throw SCRAMFailure(.protocolViolation, "unexpected SASL message from the server")
            }
        } catch {
            state = .finished
            return .fail(error)
        }
    }

    /// Goes on after `deriveKey`.
    package mutating func resume(saltedPassword: [UInt8]) -> Action {
        guard case .beforeKey(let serverFirst, let nonce) = state else {
            state = .finished
            return .fail(SCRAMFailure(.internalError, "no salted password was asked for"))
        }
        let withoutProof = Array("c=biws,r=".utf8) + nonce
        let comma = [UInt8(ascii: ",")]
        let authMessage = bare + comma + serverFirst + comma + withoutProof
        do throws(CryptographyError) {
            let clientKey = try SCRAMKeys.clientKey(saltedPassword)
            let clientSignature = try HMAC.sha256(key: Digest.sha256(clientKey), authMessage)
            let proof = SCRAMKeys.exclusiveOr(clientKey, clientSignature)
            let signature = try HMAC.sha256(key: SCRAMKeys.serverKey(saltedPassword), authMessage)
            state = .beforeServerFinal(signature: signature)
            return .respond(withoutProof + Array(",p=".utf8) + Base64.encode(proof))
        } catch {
            state = .finished
            return .fail(.cryptography(error))
        }
    }

    private mutating func readServerFirst(_ message: [UInt8]) throws(SCRAMFailure) -> Action {
        var reader = try SCRAMReader(message)
        let combined = try reader.value(of: UInt8(ascii: "r"))
        guard combined.count > nonce.count, combined.starts(with: nonce), SCRAMReader.isPrintable(combined) else {
            throw SCRAMFailure(.protocolViolation, "invalid SCRAM response", detail: "Nonce does not match.")
        }
        guard let salt = Base64.decode(try reader.value(of: UInt8(ascii: "s"))), !salt.isEmpty else {
            throw .malformed("Invalid salt.")
        }
        let count = try reader.value(of: UInt8(ascii: "i"))
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard
            count.allSatisfy({ digits.contains($0) }),
            let iterations = Int(String(decoding: count, as: UTF8.self)),
            (1...Self.maximumIterations).contains(iterations)
        else { throw .malformed("Invalid iteration count.") }
        guard reader.isAtEnd else { throw .malformed("Garbage found at the end of server-first-message.") }
        state = .beforeKey(serverFirst: message, nonce: combined)
        return .deriveKey(salt: salt, iterations: iterations)
    }

    private func readServerFinal(_ message: [UInt8], expecting expected: [UInt8]) throws(SCRAMFailure) {
        var reader = try SCRAMReader(message)
        if reader.next == UInt8(ascii: "e") {
            let reason = try reader.value(of: UInt8(ascii: "e"))
            let text = SCRAMReader.isPrintable(reason) ? String(decoding: reason, as: UTF8.self) : "unreadable"
            throw SCRAMFailure(.invalidAuthorization, "error received from server in SCRAM exchange: \(text)")
        }
        let value = try reader.value(of: UInt8(ascii: "v"))
        guard reader.isAtEnd else { throw .malformed("Garbage found at the end of server-final-message.") }
        guard let signature = Base64.decode(value), signature.count == Digest.sha256Length else {
            throw .malformed("Invalid server signature.")
        }
        guard ConstantTime.areEqual(signature, expected) else {
            throw SCRAMFailure(.invalidAuthorization, "incorrect server signature")
        }
    }
}
