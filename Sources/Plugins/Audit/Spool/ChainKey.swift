import Cryptography

/// What links each line to the one before it: HMAC-SHA-256 under a key, or SHA-256 where there is none.
package struct ChainKey: Sendable {
    /// What stands before the first line of all.
    static let zeros = [UInt8](repeating: 0, count: Digest.sha256Length)

    private let secret: [UInt8]?
    /// Names the key without telling it; "none" for SHA-256.
    package let name: String

    /// - Parameter secret: nil for a chain that shows accidents, but not what somebody did who knows how it is made.
    package init(_ secret: [UInt8]?) throws {
        self.secret = secret
        guard let secret else {
            name = "none"
            return
        }
        let key = try HMACKey(secret)
        name = String(decoding: Hexadecimal.encode(Array(try key.code(of: Array("key".utf8)).prefix(4))), as: UTF8.self)
    }

    /// Who computes the chain's digests, for one thread: each is of the digest before and of what its line says.
    func chain() throws -> MessageDigest { try MessageDigest(key: secret) }
}
