import Cryptography
import Testing

@Suite struct SecretTests {
    @Test func equalityIsOfEveryByteAndOfLength() {
        #expect(ConstantTime.areEqual([], []))
        #expect(ConstantTime.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.areEqual([1, 2, 3], [0, 2, 3]))
        #expect(!ConstantTime.areEqual([1, 2, 3], [1, 2]))
        #expect(!ConstantTime.areEqual([], [0]))
    }

    @Test func randomBytesDiffer() throws {
        #expect(try SecureRandom.bytes(0) == [])
        let first = try SecureRandom.bytes(32)
        #expect(first.count == 32)
        #expect(try first != SecureRandom.bytes(32))
    }

    @Test(arguments: [16, 18, 128, 129, 2000])
    func noRandomBytesAreGivenTwice(count: Int) throws {
        var given: Set<[UInt8]> = []
        // Overlapping gifts would share a stretch of eight bytes.
        for _ in 0..<200 {
            let bytes = try SecureRandom.bytes(count)
            #expect(bytes.count == count)
            #expect(given.insert(Array(bytes.prefix(8))).inserted)
            #expect(given.insert(Array(bytes.suffix(8))).inserted)
        }
    }
}
