import Testing

@testable import Session

@Suite struct SCRAMVerifierTests {
    /// What PostgreSQL 15 made of `PASSWORD 'pencil'`.
    static let stored =
        "SCRAM-SHA-256$4096:PzC+LXqH70LLXF0xqOhpOA==$coknReZEu350wygAyJMuTXidQAkdcIz4UkgJ6fh12c8="
        + ":iBlayXTmI7ThrgJlGsph/KqZEo4VnAN187lyoHwQlXw="

    @Test func aVerifierOfPostgreSQLIsReadAndWritten() throws {
        let verifier = try #require(SCRAMVerifier(parsing: Self.stored))
        #expect(verifier.iterations == 4096)
        #expect(verifier.text == Self.stored)
        #expect(try verifier == SCRAMVerifier(password: "pencil", salt: verifier.salt))
        #expect(try verifier != SCRAMVerifier(password: "Pencil", salt: verifier.salt))
    }

    @Test func aVerifiersDescriptionShowsNoKey() throws {
        let verifier = try #require(SCRAMVerifier(parsing: Self.stored))
        #expect("\(verifier)" == "SCRAM-SHA-256$4096:…")
    }

    @Test(arguments: [
        ("SCRAM-SHA-256", "SCRAM-SHA-1"), ("$4096:", "$0:"), ("$4096:", "$-1:"), ("$4096:", "$+1:"), ("$4096:", "$:"),
        ("$4096:", "$4096"), ("$4096:", "$99999999999:"), ("$4096:", "$4096 :"), ("PzC+LXqH70LLXF0xqOhpOA==", ""),
        ("PzC+LXqH70LLXF0xqOhpOA==", "PzC+"), ("PzC+LXqH70LLXF0xqOhpOA==", "????"), ("coknReZE", "coknRe"),
        ("QlXw=", "QlXw"), ("QlXw=", "QlXw=$"), ("QlXw=", "QlXw=:"), ("QlXw=", "QlXw=\n"), (":iBlay", "$iBlay"),
    ])
    func whatPostgreSQLWouldNotWriteIsNoVerifier(part: String, replacement: String) throws {
        let range = try #require(Self.stored.range(ofFirst: part))
        let text = Self.stored.replacing(range, with: replacement)
        // A shorter salt is a salt: the only one of these that is well-formed.
        #expect((SCRAMVerifier(parsing: text) == nil) == (replacement != "PzC+"))
    }

    @Test func noTruncationIsAVerifier() {
        for length in 0..<Self.stored.count {
            #expect(SCRAMVerifier(parsing: String(Self.stored.prefix(length))) == nil)
        }
    }

    /// md5('pencil' ‖ 'app') and so on, worked out by another library.
    @Test func theMD5AnswerIsPostgreSQLs() throws {
        let response = try MD5Password.response(user: "app", password: "pencil", salt: [1, 2, 3, 4])
        #expect(String(decoding: response, as: UTF8.self) == "md54bfca4ca571b8df74c2fc2247888d96f")
    }
}

extension String {
    fileprivate func range(ofFirst part: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(part) }.map { $0..<index($0, offsetBy: part.count) }
    }

    fileprivate func replacing(_ range: Range<Index>, with replacement: String) -> String {
        self[..<range.lowerBound] + replacement + self[range.upperBound...]
    }
}
