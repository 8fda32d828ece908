import Testing

@testable import Session

@Suite struct SCRAMClientExchangeTests {
    /// An exchange that has sent its proof.
    private static let proven = Result {
        var exchange = Example.client()
        _ = exchange.receive(Example.serverFirst, isFinal: false)
        let key = try SCRAMKeys.saltedPassword("pencil", salt: Example.salt, iterations: 4096)
        #expect(Said(exchange.resume(saltedPassword: key)) == .respond(Example.clientFinal))
        return exchange
    }

    @Test func theExampleOfTheRFC() throws {
        var exchange = Example.client()
        #expect(String(decoding: exchange.initialResponse, as: UTF8.self) == Example.clientFirst)
        #expect(
            exchange.receive(Array(Example.serverFirst.utf8), isFinal: false)
                == .deriveKey(salt: Example.salt, iterations: 4096)
        )
        exchange = try Self.proven.get()
        #expect(exchange.receive(Example.serverFinal, isFinal: true) == .succeed(""))
        #expect(exchange.receive(Example.serverFinal, isFinal: true).isFailure)
    }

    @Test func bothSidesAgreeOnAnyPassword() throws {
        for password in ["", "pencil", "pä$$wörd 🔑", String(repeating: "x", count: 200)] {
            var client = SCRAMClientExchange(nonce: SCRAMKeys.nonce(random: [1, 2, 3]))
            var server = SCRAMServerExchange(
                user: "app",
                verifier: try SCRAMVerifier(password: password, salt: [9, 8, 7], iterations: 2),
                serverNonce: SCRAMKeys.nonce(random: [4, 5, 6])
            )
            guard
                case .challenge(let first) = server.begin(
                    mechanism: SCRAMServerExchange.mechanism,
                    response: client.initialResponse
                ),
                case .deriveKey(let salt, let iterations) = client.receive(first, isFinal: false),
                case .respond(let proof) = client.resume(
                    saltedPassword: try SCRAMKeys.saltedPassword(password, salt: salt, iterations: iterations)
                ),
                case .succeed(let final) = server.receive(proof)
            else {
                Issue.record("the exchange broke off")
                continue
            }
            #expect(client.receive(final, isFinal: true) == .succeed)
        }
    }

    private static let nonceMismatch = Said.fail("08P01", "invalid SCRAM response", "Nonce does not match.")

    @Test(arguments: [
        ("", Said.malformed("The message is empty.")),
        ("m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=1", .malformed("Expected attribute \"r\" but found \"'m'\".")),
        ("e=other-error", .malformed("Expected attribute \"r\" but found \"'e'\".")),
        ("r=someoneElses,s=AAAA,i=1", nonceMismatch),
        ("r=rOprNGfwEbeRWgbNEkqO,s=AAAA,i=1", nonceMismatch),
        ("r=rOprNGfwEbeRWgbNEkqO\u{1},s=AAAA,i=1", nonceMismatch),
        ("r=rOprNGfwEbeRWgbNEkqOx", .malformed("Expected attribute \"s\" but found \"0x00\".")),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=,i=1", .malformed("Invalid salt.")),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=A,i=1", .malformed("Invalid salt.")),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA", .malformed("Expected attribute \"i\" but found \"0x00\".")),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=0", .malformed("Invalid iteration count.")),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=-1", .malformed("Invalid iteration count.")),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=+1", .malformed("Invalid iteration count.")),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=", .malformed("Invalid iteration count.")),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=1000001", .malformed("Invalid iteration count.")),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=99999999999999999999", .malformed("Invalid iteration count.")),
        (
            "r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=1,x=1",
            .malformed("Garbage found at the end of server-first-message.")
        ),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=1", .derive(iterations: 1)),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=AAAA,i=1000000", .derive(iterations: 1_000_000)),
    ])
    func serverFirstMessages(message: String, expected: Said) {
        var exchange = Example.client()
        #expect(exchange.receive(message, isFinal: false) == expected)
    }

    @Test(arguments: [
        ("", Said.malformed("The message is empty.")),
        ("e=invalid-proof", .fail("28000", "error received from server in SCRAM exchange: invalid-proof", nil)),
        ("e=a\u{1b}[2J", .fail("28000", "error received from server in SCRAM exchange: unreadable", nil)),
        ("v=", .malformed("Invalid server signature.")),
        ("v=AAAA", .malformed("Invalid server signature.")),
        ("\(Example.serverFinal),x=1", .malformed("Garbage found at the end of server-final-message.")),
        ("v=\(Example.proof)", .fail("28000", "incorrect server signature", nil)),
    ])
    func serverFinalMessages(message: String, expected: Said) throws {
        var exchange = try Self.proven.get()
        #expect(exchange.receive(message, isFinal: true) == expected)
    }

    @Test func noTruncatedOrChangedFinalMessageIsAccepted() throws {
        let final = Array(Example.serverFinal.utf8)
        for index in final.indices {
            var exchange = try Self.proven.get()
            #expect(Said(exchange.receive(Array(final[..<index]), isFinal: true)).isFailure)
            for bit in [1, 2, 4, 8, 16, 32, 64, 128] as [UInt8] {
                var exchange = try Self.proven.get()
                var message = final
                message[index] ^= bit
                #expect(Said(exchange.receive(message, isFinal: true)).isFailure)
            }
        }
    }

    @Test func everyTruncatedFirstMessageEndsWithoutTrap() {
        for length in 0..<Example.serverFirst.utf8.count {
            var exchange = Example.client()
            let said = exchange.receive(String(Example.serverFirst.prefix(length)), isFinal: false)
            // "i=4", "i=40" and "i=409" are counts.
            #expect(said.isFailure == (length < Example.serverFirst.utf8.count - 3))
        }
    }

    /// A server that skips steps must not pass for one that knows the password.
    @Test func messagesOutOfOrderFail() throws {
        var early = Example.client()
        #expect(early.receive(Example.serverFinal, isFinal: true).isFailure)

        var unasked = Example.client()
        #expect(Said(unasked.resume(saltedPassword: [])).isFailure)

        var hasty = Example.client()
        _ = hasty.receive(Example.serverFirst, isFinal: false)
        #expect(hasty.receive(Example.serverFinal, isFinal: true).isFailure)

        var again = try Self.proven.get()
        #expect(again.receive(Example.serverFirst, isFinal: false).isFailure)
        #expect(again.receive(Example.serverFinal, isFinal: true).isFailure)
    }
}
