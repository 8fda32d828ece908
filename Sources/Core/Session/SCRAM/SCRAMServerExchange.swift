package import Cryptography
internal import PostgresWire

/// The server's side of a SCRAM-SHA-256 exchange (RFC 5802, 7677): a client proves to us that it knows a password.
///
/// It follows PostgreSQL 15's `auth-scram.c` on a connection without TLS: channel binding is not offered, a client that
/// uses it is refused, one that says it could ("y") or could not ("n") goes on. The name in the exchange is ignored: the
/// StartupMessage's counts.
package struct SCRAMServerExchange: Sendable {
    /// The only mechanism to offer.
    package static let mechanism = "SCRAM-SHA-256"

    /// What to do after a message.
    package enum Action: Sendable, Hashable {
        /// Send AuthenticationSASLContinue and wait for a SASLResponse.
        case challenge([UInt8])
        /// Send AuthenticationSASLFinal: the client is who it says.
        case succeed([UInt8])
        /// Send the error and close the connection.
        case fail(SCRAMFailure)
    }

    private enum State {
        case beforeClientFirst
        case beforeClientFinal(Challenge)
        case finished
    }

    /// What the client's last message is checked against.
    private struct Challenge {
        /// "biws" for "n,,", "eSws" for "y,,": the header must be repeated as it was sent first.
        let channelBinding: [UInt8]
        /// Client's and server's together.
        let nonce: [UInt8]
        /// client-first-message-bare "," server-first-message ",".
        let transcript: [UInt8]
    }

    private let user: String
    private let verifier: SCRAMVerifier
    private let isDoomed: Bool
    private let serverNonce: [UInt8]
    private var state = State.beforeClientFirst

    /// Makes an exchange with a user that exists.
    ///
    /// - Parameter serverNonce: from `SCRAMKeys.nonce`, new for every exchange.
    package init(user: String, verifier: SCRAMVerifier, serverNonce: [UInt8]) {
        self.init(user: user, verifier: verifier, isDoomed: false, serverNonce: serverNonce)
    }

    /// Makes an exchange with a user that does not exist: the same messages, the same work, and failure in the end.
    ///
    /// - Parameters:
    ///   - mockSecret: at least 32 random bytes, the same for the life of the process.
    ///   - iterations: as many as the verifiers of real users have.
    package init(
        unknownUser user: String,
        mockSecret: [UInt8],
        iterations: Int = SCRAMKeys.defaultIterations,
        serverNonce: [UInt8]
    ) throws(CryptographyError) {
        let mock = try SCRAMVerifier.mock(user: user, secret: mockSecret, iterations: iterations)
        self.init(user: user, verifier: mock, isDoomed: true, serverNonce: serverNonce)
    }

    private init(user: String, verifier: SCRAMVerifier, isDoomed: Bool, serverNonce: [UInt8]) {
        self.user = user
        self.verifier = verifier
        self.isDoomed = isDoomed
        self.serverNonce = serverNonce
    }

    /// The client's SASLInitialResponse.
    ///
    /// - Parameter response: nil when the message has none: the client is asked for it by an empty challenge.
    package mutating func begin(mechanism: String, response: [UInt8]?) -> Action {
        guard mechanism == Self.mechanism else {
            state = .finished
            return .fail(
                SCRAMFailure(.protocolViolation, "client selected an invalid SASL authentication mechanism")
            )
        }
        guard let response else { return .challenge([]) }
        return receive(response)
    }

    /// A SASLResponse of the client.
    package mutating func receive(_ message: [UInt8]) -> Action {
        do throws(SCRAMFailure) {
            switch state {
            case .beforeClientFirst:
                let (challenge, answer) = try challenge(for: message)
                state = .beforeClientFinal(challenge)
                return .challenge(answer)
            case .beforeClientFinal(let challenge):
                state = .finished
                return .succeed(try finalMessage(for: message, challenge))
            case .finished:
                throw SCRAMFailure(.protocolViolation, "invalid SCRAM exchange state")
            }
        } catch {
            state = .finished
            return .fail(error)
        }
    }

    // MARK: client-first-message

    private func challenge(for message: [UInt8]) throws(SCRAMFailure) -> (Challenge, answer: [UInt8]) {
        var reader = try SCRAMReader(message)
        let channelBinding = try readChannelBindingFlag(&reader)
        try readAuthorizationIdentity(&reader)
        let bare = reader.rest
        if reader.next == UInt8(ascii: "m") {
            throw SCRAMFailure(.featureNotSupported, "client requires an unsupported SCRAM extension")
        }
        _ = try reader.value(of: UInt8(ascii: "n"))
        let clientNonce = try reader.value(of: UInt8(ascii: "r"))
        guard SCRAMReader.isPrintable(clientNonce) else {
            throw SCRAMFailure(.protocolViolation, "non-printable characters in SCRAM nonce")
        }
        while !reader.isAtEnd { _ = try reader.attribute() }

        let nonce = clientNonce + serverNonce
        let comma = UInt8(ascii: ",")
        let answer = Array("r=".utf8) + nonce + verifier.announcement
        var transcript = bare
        transcript.append(comma)
        transcript += answer
        transcript.append(comma)
        return (Challenge(channelBinding: channelBinding, nonce: nonce, transcript: transcript), answer)
    }

    private func readChannelBindingFlag(_ reader: inout SCRAMReader) throws(SCRAMFailure) -> [UInt8] {
        let flag = reader.next
        switch flag {
        case UInt8(ascii: "n"), UInt8(ascii: "y"):
            reader.skip()
            try reader.expectComma()
            return Array((flag == UInt8(ascii: "n") ? "biws" : "eSws").utf8)
        case UInt8(ascii: "p"):
            throw .malformed(
                "The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding "
                    + "data."
            )
        default:
            throw .malformed("Unexpected channel-binding flag \"\(SCRAMReader.printable(flag))\".")
        }
    }

    /// There must be none: nobody acts for somebody else.
    private func readAuthorizationIdentity(_ reader: inout SCRAMReader) throws(SCRAMFailure) {
        if reader.next == UInt8(ascii: "a") {
            throw SCRAMFailure(.featureNotSupported, "client uses authorization identity, but it is not supported")
        }
        guard reader.next == UInt8(ascii: ",") else {
            let found = SCRAMReader.printable(reader.next)
            throw .malformed("Unexpected attribute \"\(found)\" in client-first-message.")
        }
        reader.skip()
    }

    // MARK: client-final-message

    private func finalMessage(for message: [UInt8], _ challenge: Challenge) throws(SCRAMFailure) -> [UInt8] {
        var reader = try SCRAMReader(message)
        guard try reader.value(of: UInt8(ascii: "c")) == challenge.channelBinding else {
            throw SCRAMFailure(
                .protocolViolation,
                "unexpected SCRAM channel-binding attribute in client-final-message"
            )
        }
        let nonce = try reader.value(of: UInt8(ascii: "r"))
        let (proof, withoutProof) = try readProof(&reader, in: message)
        guard ConstantTime.areEqual(nonce, challenge.nonce) else {
            throw SCRAMFailure(.protocolViolation, "invalid SCRAM response", detail: "Nonce does not match.")
        }
        let (isProven, signature) = try judge(proof, authMessage: challenge.transcript + withoutProof)
        guard isProven, !isDoomed else { throw .wrongPassword(user: user) }
        return Array("v=".utf8) + Base64.encode(signature)
    }

    /// Whether the proof is right, and our own signature. Both are worked out before either counts, so that a wrong
    /// password, and a user that does not exist, cost the same time as the right one.
    private func judge(
        _ proof: [UInt8],
        authMessage: [UInt8]
    ) throws(SCRAMFailure) -> (isProven: Bool, signature: [UInt8]) {
        do throws(CryptographyError) {
            // H(ClientKey) must be StoredKey, and ClientKey = proof XOR HMAC(StoredKey, AuthMessage).
            let clientSignature = try verifier.storedKey.code(of: authMessage)
            let clientKey = SCRAMKeys.exclusiveOr(proof, clientSignature)
            let isProven = ConstantTime.areEqual(try Digest.sha256(clientKey), verifier.storedKey.bytes)
            return (isProven, try verifier.serverKey.code(of: authMessage))
        } catch {
            throw .cryptography(error)
        }
    }

    /// Skips extensions up to the proof, which must be the last attribute.
    private func readProof(
        _ reader: inout SCRAMReader,
        in message: [UInt8]
    ) throws(SCRAMFailure) -> (proof: [UInt8], withoutProof: [UInt8]) {
        while true {
            let start = reader.offset
            let (name, value) = try reader.attribute()
            guard name == UInt8(ascii: "p") else { continue }
            guard let proof = Base64.decode(value), proof.count == Digest.sha256Length else {
                throw .malformed("Malformed proof in client-final-message.")
            }
            guard reader.isAtEnd else { throw .malformed("Garbage found at the end of client-final-message.") }
            // Without the comma before the proof.
            return (proof, Array(message[..<(start - 1)]))
        }
    }
}
