internal import COpenSSL

/// Digests of whole texts.
package enum Digest {
    /// How many bytes a SHA-256 digest has.
    package static let sha256Length = 32

    /// Looked up once, which costs more than to digest a short text.
    nonisolated(unsafe) static let sha256 = unsafe EVP_MD_fetch(nil, "SHA256", nil)

    /// FIPS 180-4; 32 bytes.
    package static func sha256(_ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try unsafe digest(sha256, "SHA256", length: sha256Length, bytes)
    }

    /// RFC 1321; 16 bytes. For PostgreSQL's `md5` passwords and nothing else; an error where OpenSSL runs in FIPS mode.
    package static func md5(_ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let md5 = unsafe EVP_MD_fetch(nil, "MD5", nil)
        defer { unsafe EVP_MD_free(md5) }
        return try unsafe digest(md5, "MD5", length: 16, bytes)
    }

    private static func digest(
        _ algorithm: OpaquePointer?,
        _ name: String,
        length: Int,
        _ bytes: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        guard let algorithm = unsafe algorithm else { throw CryptographyError(name) }
        var result = [UInt8](repeating: 0, count: length)
        var written: UInt32 = 0
        let status = unsafe EVP_Digest(bytes, bytes.count, &result, &written, algorithm, nil)
        guard status == 1, written == length else { throw CryptographyError(name) }
        return result
    }
}
