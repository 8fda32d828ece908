import Cryptography
import Testing

/// What is expected, in hexadecimal.
func hex(_ bytes: [UInt8]) -> String { String(decoding: Hexadecimal.encode(bytes), as: UTF8.self) }

@Suite struct DigestTests {
    /// FIPS 180-2, appendix B.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256(text: String, expected: String) throws {
        #expect(hex(try Digest.sha256(Array(text.utf8))) == expected)
    }

    /// FIPS 180-2, appendix B.3: longer than any block.
    @Test func sha256OfAMillionLetters() throws {
        let digest = try Digest.sha256([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        #expect(hex(digest) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// RFC 1321, appendix A.5.
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ])
    func md5(text: String, expected: String) throws {
        #expect(hex(try Digest.md5(Array(text.utf8))) == expected)
    }

    /// RFC 4231, cases 1, 2, 6 (a key longer than a block) and an empty key.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func hmac(key: [UInt8], text: String, expected: String) throws {
        #expect(hex(try HMAC.sha256(key: key, Array(text.utf8))) == expected)
    }

    /// RFC 4231, case 2, again and again: no message leaves anything on the key for the next, on no thread.
    @Test func aKeyServesManyMessages() async throws {
        let key = try HMACKey(Array("Jefe".utf8))
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for length in 0..<200 {
                        let other = [UInt8](repeating: 7, count: length)
                        let anew = try HMAC.sha256(key: key.bytes, other)
                        #expect(try key.code(of: other) == anew)
                        let code = try key.code(of: Array("what do ya want for nothing?".utf8))
                        #expect(hex(code) == expected)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func keysAreEqualByTheirBytes() throws {
        let (key, same, other) = try (HMACKey([1, 2]), HMACKey([1, 2]), HMACKey([1, 3]))
        #expect(key == same)
        #expect(key != other)
        #expect(Set([key, same, other]).count == 2)
    }

    /// RFC 7914, section 11, and RFC 7677's password, whose iterations SCRAM's `Hi()` counts the same way.
    @Test func pbkdf2() throws {
        let short = try PBKDF2.sha256(password: Array("passwd".utf8), salt: Array("salt".utf8), iterations: 1)
        #expect(hex(short) == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
        let long = try PBKDF2.sha256(password: Array("Password".utf8), salt: Array("NaCl".utf8), iterations: 80_000)
        #expect(hex(long) == "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56")
    }

    @Test func anEmptyPasswordHasAKeyToo() throws {
        #expect(try PBKDF2.sha256(password: [], salt: [1], iterations: 1).count == 32)
    }

    @Test(arguments: [0, -1, Int.max])
    func iterationsOutOfRangeAreAnErrorAndNoTrap(iterations: Int) {
        #expect(throws: CryptographyError.self) {
            try PBKDF2.sha256(password: [1], salt: [1], iterations: iterations)
        }
    }

    @Test(
        "links the same as the one-shot functions, with keys of any length, again and again",
        arguments: [nil, 0, 4, 63, 64, 65, 200] as [Int?]
    )
    func messageDigest(keyLength: Int?) throws {
        let key = keyLength.map { [UInt8](repeating: 0xaa, count: $0) }
        let digest = try MessageDigest(key: key)
        var chained = [UInt8](repeating: 0, count: Digest.sha256Length)
        for length in [0, 1, 31, 32, 55, 64, 1000] {
            let message = [UInt8](repeating: UInt8(length & 0xff), count: length)
            let whole = chained + message
            let expected = try key.map { key throws(CryptographyError) in try HMAC.sha256(key: key, whole) }
            try unsafe digest.link(&chained, message.span.bytes)
            #expect(try chained == expected ?? Digest.sha256(whole))
        }
    }
}
