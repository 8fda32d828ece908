internal import COpenSSL

/// Digests of whole texts.
package enum Digest {
    /// How many bytes a SHA-256 digest has.
    package static let sha256Length = 32

    /// FIPS 180-4; 32 bytes.
    package static func sha256(_ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try digest("SHA256", length: sha256Length, bytes)
    }

    /// RFC 1321; 16 bytes. For PostgreSQL's `md5` passwords and nothing else; an error where OpenSSL runs in FIPS mode.
    package static func md5(_ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try digest("MD5", length: 16, bytes)
    }

    private static func digest(_ name: String, length: Int, _ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: length)
        var written = 0
        let status = unsafe EVP_Q_digest(nil, name, nil, bytes, bytes.count, &result, &written)
        guard status == 1, written == length else { throw CryptographyError(name) }
        return result
    }
}
