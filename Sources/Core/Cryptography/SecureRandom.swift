internal import COpenSSL
internal import Synchronization

/// Random bytes that nobody can foretell.
package enum SecureRandom {
    /// Drawn in bulk and given once each: a draw costs OpenSSL as much as a thousand bytes do.
    private static let reserve = Mutex<[UInt8]>([])
    private static let reserveSize = 1024

    /// `count` bytes from OpenSSL's generator, which the kernel's seeds.
    package static func bytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
        guard (1...reserveSize / 8).contains(count) else { return try draw(count) }
        return try reserve.withLock { reserve throws(CryptographyError) in
            if reserve.count < count { reserve = try draw(reserveSize) }
            let given = Array(reserve.suffix(count))
            // What was given is nowhere else.
            unsafe reserve.withUnsafeMutableBytes { bytes in
                let spent = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes.suffix(count))
                unsafe OPENSSL_cleanse(spent.baseAddress, spent.count)
            }
            reserve.removeLast(count)
            return given
        }
    }

    private static func draw(_ count: Int) throws(CryptographyError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: max(0, count))
        guard let length = Int32(exactly: result.count) else { throw CryptographyError("random bytes") }
        guard unsafe RAND_bytes(&result, length) == 1 else { throw CryptographyError("random bytes") }
        return result
    }
}
