import Testing

@testable import Session

@Suite struct SCRAMServerExchangeTests {
    static let wrongPassword = Said.fail("28P01", "password authentication failed for user \"user\"", nil)

    @Test func theExampleOfTheRFC() throws {
        var exchange = try Example.server()
        #expect(exchange.begin(Example.clientFirst) == .challenge(Example.serverFirst))
        #expect(exchange.receive(Example.clientFinal) == .succeed(Example.serverFinal))
        #expect(exchange.receive(Example.clientFinal).isFailure)
    }

    @Test func aClientWithoutInitialResponseIsAskedForIt() throws {
        var exchange = try Example.server()
        #expect(exchange.begin(mechanism: "SCRAM-SHA-256", response: nil) == .challenge([]))
        #expect(exchange.receive(Example.clientFirst) == .challenge(Example.serverFirst))
        #expect(exchange.receive(Example.clientFinal) == .succeed(Example.serverFinal))
    }

    @Test(arguments: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "PLAIN", ""])
    func anotherMechanismIsRefused(mechanism: String) throws {
        var exchange = try Example.server()
        let action = exchange.begin(mechanism: mechanism, response: Array(Example.clientFirst.utf8))
        #expect(Said(action) == .fail("08P01", "client selected an invalid SASL authentication mechanism", nil))
    }

    @Test func aWrongPasswordIsRefused() throws {
        var exchange = try Example.server(password: "pencils")
        _ = exchange.begin(Example.clientFirst)
        #expect(exchange.receive(Example.clientFinal) == Self.wrongPassword)
        #expect(exchange.receive(Example.clientFinal).isFailure)
    }

    @Test func aClientThatCouldBindButWasNotOfferedItGoesOn() throws {
        var exchange = try Example.server()
        #expect(exchange.begin("y,,n=user,r=abc").isFailure == false)
        let nonce = "abc" + Example.serverNonce
        // The header must come back as it was sent.
        var tampered = exchange
        #expect(
            tampered.receive("c=biws,r=\(nonce),p=\(Example.proof)")
                == .fail("08P01", "unexpected SCRAM channel-binding attribute in client-final-message", nil)
        )
        #expect(exchange.receive("c=eSws,r=\(nonce),p=\(Example.proof)") == Self.wrongPassword)
    }

    /// PostgreSQL 15's answers to what a first message may have wrong.
    @Test(arguments: [
        ("", Said.malformed("The message is empty.")),
        ("n,,n=,r=a\0b", .malformed("Message length does not match input length.")),
        (
            "p=tls-server-end-point,,n=,r=a",
            .malformed(
                "The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel "
                    + "binding data."
            )
        ),
        ("x,,n=,r=a", .malformed("Unexpected channel-binding flag \"'x'\".")),
        ("\u{7},,n=,r=a", .malformed("Unexpected channel-binding flag \"0x07\".")),
        ("n", .malformed("Comma expected, but found character \"0x00\".")),
        ("y;,n=,r=a", .malformed("Comma expected, but found character \"';'\".")),
        ("n,a=me,n=,r=a", .fail("0A000", "client uses authorization identity, but it is not supported", nil)),
        ("n,b,n=,r=a", .malformed("Unexpected attribute \"'b'\" in client-first-message.")),
        ("n,", .malformed("Unexpected attribute \"0x00\" in client-first-message.")),
        ("n,,m=ext,n=,r=a", .fail("0A000", "client requires an unsupported SCRAM extension", nil)),
        ("n,,", .malformed("Expected attribute \"n\" but found \"0x00\".")),
        ("n,,r=a", .malformed("Expected attribute \"n\" but found \"'r'\".")),
        ("n,,n,r=a", .malformed("Expected character \"=\" for attribute \"n\".")),
        ("n,,n=", .malformed("Expected attribute \"r\" but found \"0x00\".")),
        ("n,,n=,r=a b", .fail("08P01", "non-printable characters in SCRAM nonce", nil)),
        ("n,,n=,r=ä", .fail("08P01", "non-printable characters in SCRAM nonce", nil)),
        ("n,,n=,r=a,=", .malformed("Attribute expected, but found invalid character \"'='\".")),
        ("n,,n=,r=a,x", .malformed("Expected character \"=\" for attribute \"x\".")),
    ])
    func malformedFirstMessages(message: String, expected: Said) throws {
        var exchange = try Example.server()
        #expect(exchange.begin(message) == expected)
        #expect(exchange.receive(Example.clientFirst).isFailure)
    }

    @Test func extensionsThatAreNotMandatoryAreIgnored() throws {
        var exchange = try Example.server()
        #expect(exchange.begin("n,,n=user,r=abc,x=1,y=") == .challenge("r=abc\(Example.serverFirst.dropFirst(22))"))
    }

    /// PostgreSQL 15's answers to what a final message may have wrong.
    @Test(arguments: [
        ("", Said.malformed("The message is empty.")),
        ("x=", .malformed("Expected attribute \"c\" but found \"'x'\".")),
        (
            "c=eSws,r=x,p=y",
            .fail("08P01", "unexpected SCRAM channel-binding attribute in client-final-message", nil)
        ),
        ("c=biws", .malformed("Expected attribute \"r\" but found \"0x00\".")),
        ("c=biws,r=x", .malformed("Attribute expected, but found end of string.")),
        ("c=biws,r=x,p=", .malformed("Malformed proof in client-final-message.")),
        ("c=biws,r=x,p=AAAA", .malformed("Malformed proof in client-final-message.")),
        ("c=biws,r=x,p=\(Example.proof)\n", .malformed("Malformed proof in client-final-message.")),
        ("c=biws,r=x,p=\(Example.proof),x=1", .malformed("Garbage found at the end of client-final-message.")),
        ("c=biws,r=x,p=\(Example.proof)", .fail("08P01", "invalid SCRAM response", "Nonce does not match.")),
        (
            "c=biws,r=\(Example.clientNonce),p=\(Example.proof)",
            .fail("08P01", "invalid SCRAM response", "Nonce does not match.")
        ),
        (Example.clientFinalWithoutProof + ",x=1,p=\(Example.proof)", wrongPassword),
    ])
    func malformedFinalMessages(message: String, expected: Said) throws {
        var exchange = try Example.server()
        _ = exchange.begin(Example.clientFirst)
        #expect(exchange.receive(message) == expected)
    }

    @Test func noTruncationIsEverAccepted() throws {
        for length in 0..<Example.clientFirst.utf8.count {
            var exchange = try Self.shared.get()
            let first = exchange.begin(String(Example.clientFirst.prefix(length)))
            // A shorter nonce is a nonce; then the rest of the transcript does not fit.
            if !first.isFailure { #expect(exchange.receive(Example.clientFinal).isFailure) }
        }
        for length in 0..<Example.clientFinal.utf8.count {
            var exchange = try Self.shared.get()
            _ = exchange.begin(Example.clientFirst)
            #expect(exchange.receive(String(Example.clientFinal.prefix(length))).isFailure)
        }
    }

    @Test func noChangedByteIsEverAccepted() throws {
        let final = Array(Example.clientFinal.utf8)
        for index in final.indices {
            for bit in [1, 2, 4, 8, 16, 32, 64, 128] as [UInt8] {
                var exchange = try Self.shared.get()
                _ = exchange.begin(Example.clientFirst)
                var message = final
                message[index] ^= bit
                #expect(Said(exchange.receive(message)).isFailure)
            }
        }
    }

    /// One key derivation for all of them.
    private static let shared = Result { try Example.server() }

    @Test func anUnknownUserSeesAnExchangeLikeAnyOtherAndFails() throws {
        func exchange(_ user: String, secret: [UInt8]) throws -> SCRAMServerExchange {
            try SCRAMServerExchange(unknownUser: user, mockSecret: secret, serverNonce: Array(Example.serverNonce.utf8))
        }
        func salt(_ user: String, secret: [UInt8] = [1, 2, 3]) throws -> String {
            var exchange = try exchange(user, secret: secret)
            guard case .challenge(let text) = exchange.begin(Example.clientFirst) else { return "" }
            let parts = text.split(separator: ",")
            #expect(parts.count == 3)
            #expect(parts.last == "i=4096")
            #expect(parts[1].utf8.count == "s=W22ZaJ0SNY7soEsUEjb6gQ==".utf8.count)
            return String(parts[1])
        }
        #expect(try salt("mallory") == salt("mallory"))
        #expect(try salt("mallory") != salt("mallorz"))
        #expect(try salt("mallory") != salt("mallory", secret: [1, 2, 4]))

        var doomed = try exchange("user", secret: [1])
        _ = doomed.begin(Example.clientFirst)
        #expect(doomed.receive(Example.clientFinal) == Self.wrongPassword)
    }
}
