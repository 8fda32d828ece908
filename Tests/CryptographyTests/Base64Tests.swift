import Cryptography
import Testing

@Suite struct Base64Tests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func theVectorsOfTheRFC(text: String, encoded: String) {
        #expect(String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self) == encoded)
        #expect(Base64.decode(encoded.utf8) == Array(text.utf8))
    }

    @Test func everyByteComesBack() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ length) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zm9", "Zg===", "Z===", "====", "Zg==Zm9v", "Z=g=", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n",
        "Zm9v Zm9v", "Zm-_", "Zm9\u{0}", "Zm9ä", "=g==",
    ])
    func whatEncodeWouldNotWriteIsRefused(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }
}
