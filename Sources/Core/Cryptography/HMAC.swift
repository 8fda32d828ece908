/// Keyed digests (RFC 2104).
package enum HMAC {
    /// HMAC-SHA-256; 32 bytes. Where a key authenticates more than one message, keep it as `HMACKey`.
    package static func sha256(key: [UInt8], _ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try HMACKey(key).code(of: bytes)
    }
}
