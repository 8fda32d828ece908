internal import COpenSSL

/// Keyed digests (RFC 2104), by OpenSSL's EVP_MAC.
package enum HMAC {
    /// HMAC-SHA-256; 32 bytes.
    package static func sha256(key: [UInt8], _ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Digest.sha256Length)
        var written = 0
        let answer = unsafe EVP_Q_mac(
            nil,
            "HMAC",
            nil,
            "SHA256",
            nil,
            key,
            key.count,
            bytes,
            bytes.count,
            &result,
            result.count,
            &written
        )
        guard unsafe answer != nil, written == result.count else { throw CryptographyError("HMAC-SHA-256") }
        return result
    }
}
