import Testing

@testable import Engine

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:5432"),
        ("255.1.2.3", "255.1.2.3:5432"),
        ("::1", "[::1]:5432"),
        ("2001:DB8:0:0:0:0:0:1", "[2001:db8::1]:5432"),
        ("::ffff:192.0.2.1", "192.0.2.1:5432"),
    ])
    func numericAddressesAreReadAndWrittenInOneForm(text: String, written: String) throws {
        let address = try #require(SocketAddress(numeric: text, port: 5432))
        #expect(address.description == written)
        #expect(address.port == 5432)
    }

    @Test(arguments: ["localhost", "", "1.2.3", "1.2.3.4.5", "256.0.0.1", ":::", "1.2.3.4 ", "fe80::1%lo"])
    func namesAndMalformedAddressesAreNotNumeric(text: String) {
        #expect(SocketAddress(numeric: text, port: 1) == nil)
    }

    @Test(arguments: ["127.0.0.1", "::1", "fe80::1:2:3:4"])
    func anAddressSurvivesTheKernelsForm(text: String) throws {
        let address = try #require(SocketAddress(numeric: text, port: 6432))
        let (_, copy) = unsafe SocketAddress.filled { destination, length in
            unsafe address.withSystemAddress { source, size in
                let bytes = unsafe UnsafeRawBufferPointer(start: source, count: Int(size))
                unsafe UnsafeMutableRawBufferPointer(start: destination, count: Int(length.pointee)).copyMemory(
                    from: bytes
                )
            }
            return 0
        }
        #expect(copy == address)
    }
}
