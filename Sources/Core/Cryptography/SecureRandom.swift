internal import COpenSSL

/// Random bytes that nobody can foretell.
package enum SecureRandom {
    /// `count` bytes from OpenSSL's generator, which the kernel's seeds.
    package static func bytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: max(0, count))
        guard let length = Int32(exactly: result.count) else { throw CryptographyError("random bytes") }
        guard unsafe RAND_bytes(&result, length) == 1 else { throw CryptographyError("random bytes") }
        return result
    }
}
