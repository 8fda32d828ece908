internal import COpenSSL

/// Comparing secrets without telling by the time it takes where they differ.
package enum ConstantTime {
    /// Whether both are equal. Only a difference in length shows in the time.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }
}
