internal import COpenSSL

/// Keys from passwords (RFC 8018, section 5.2).
package enum PBKDF2 {
    /// PBKDF2-HMAC-SHA-256; 32 bytes, which is SCRAM's `Hi()`.
    ///
    /// 4096 iterations cost some 5 ms: never once a login where the result can be kept.
    ///
    /// - Parameter iterations: at least 1; what does not fit 31 bits is an error.
    package static func sha256(
        password: [UInt8],
        salt: [UInt8],
        iterations: Int
    ) throws(CryptographyError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Digest.sha256Length)
        guard
            iterations >= 1,
            let count = Int32(exactly: iterations),
            let passwordLength = Int32(exactly: password.count),
            let saltLength = Int32(exactly: salt.count)
        else { throw CryptographyError("PBKDF2") }
        let status = unsafe password.withUnsafeBytes { buffer in
            unsafe PKCS5_PBKDF2_HMAC(
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                passwordLength,
                salt,
                saltLength,
                count,
                EVP_sha256(),
                Int32(result.count),
                &result
            )
        }
        guard status == 1 else { throw CryptographyError("PBKDF2") }
        return result
    }
}
