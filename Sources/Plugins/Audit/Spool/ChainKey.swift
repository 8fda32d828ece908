import Cryptography

/// What links each line to the one before it: HMAC-SHA-256 under a key, or SHA-256 where there is none.
package struct ChainKey: Sendable {
    /// What stands before the first line of all.
    static let zeros = [UInt8](repeating: 0, count: Digest.sha256Length)

    private let key: HMACKey?
    /// Names the key without telling it; "none" for SHA-256.
    package let name: String

    /// - Parameter secret: nil for a chain that shows accidents, but not what somebody did who knows how it is made.
    package init(_ secret: [UInt8]?) throws {
        guard let secret else {
            key = nil
            name = "none"
            return
        }
        let key = try HMACKey(secret)
        self.key = key
        name = String(decoding: Hexadecimal.encode(Array(try key.code(of: Array("key".utf8)).prefix(4))), as: UTF8.self)
    }

    /// The digest of what a line says and of the digest before it.
    func digest(after previous: [UInt8], _ line: ArraySlice<UInt8>) throws -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(previous.count + line.count)
        message += previous
        message += line
        return if let key { try key.code(of: message) } else { try Digest.sha256(message) }
    }
}
