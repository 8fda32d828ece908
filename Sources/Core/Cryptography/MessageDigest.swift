internal import COpenSSL

/// Digests of many messages, one after the other, without a look-up or an allocation for each: SHA-256, or HMAC-SHA-256
/// under a key (RFC 2104). For one thread at a time.
@safe
package final class MessageDigest {
    private static let block = 64
    /// Where each message begins: nothing has been taken in, or the key's inner pad has.
    private let beginning: OpaquePointer
    /// Likewise the outer pad; nil without a key.
    private let outer: OpaquePointer?
    private let running: OpaquePointer

    /// - Parameter key: nil for SHA-256.
    package init(key: [UInt8]?) throws(CryptographyError) {
        var block = key ?? []
        if block.count > Self.block { block = try Digest.sha256(block) }
        block += [UInt8](repeating: 0, count: Self.block - block.count)
        unsafe beginning = try Self.context(key == nil ? [] : block.map { $0 ^ 0x36 })
        do throws(CryptographyError) {
            unsafe outer = key == nil ? nil : try Self.context(block.map { $0 ^ 0x5c })
        } catch {
            unsafe EVP_MD_CTX_free(beginning)
            throw error
        }
        guard let running = unsafe EVP_MD_CTX_new() else {
            unsafe EVP_MD_CTX_free(beginning)
            unsafe EVP_MD_CTX_free(outer)
            throw CryptographyError("SHA-256")
        }
        unsafe self.running = running
    }

    deinit {
        unsafe EVP_MD_CTX_free(beginning)
        unsafe EVP_MD_CTX_free(outer)
        unsafe EVP_MD_CTX_free(running)
    }

    private static func context(_ bytes: [UInt8]) throws(CryptographyError) -> OpaquePointer {
        guard let context = unsafe EVP_MD_CTX_new() else { throw CryptographyError("SHA-256") }
        guard unsafe EVP_DigestInit_ex(context, Digest.sha256, nil) == 1,
            unsafe bytes.isEmpty || EVP_DigestUpdate(context, bytes, bytes.count) == 1
        else {
            unsafe EVP_MD_CTX_free(context)
            throw CryptographyError("SHA-256")
        }
        return unsafe context
    }

    /// Puts the digest of a message in two parts, of which the first is `code` as it is, into `code`; 32 bytes.
    package func link(_ code: inout [UInt8], _ message: RawSpan) throws(CryptographyError) {
        precondition(code.count == Digest.sha256Length, "a digest has 32 bytes")
        let isDone = unsafe code.withUnsafeMutableBufferPointer { code in
            guard unsafe EVP_MD_CTX_copy_ex(running, beginning) == 1,
                unsafe EVP_DigestUpdate(running, code.baseAddress, code.count) == 1,
                unsafe message.withUnsafeBytes({ unsafe EVP_DigestUpdate(running, $0.baseAddress, $0.count) }) == 1
            else { return false }
            // To the side: where this fails the digest before is still needed.
            var inner: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            return unsafe withUnsafeMutableBytes(of: &inner) { inner in
                let digest = unsafe inner.baseAddress?.assumingMemoryBound(to: UInt8.self)
                guard unsafe EVP_DigestFinal_ex(running, digest, nil) == 1 else { return false }
                if let outer = unsafe outer {
                    guard unsafe EVP_MD_CTX_copy_ex(running, outer) == 1,
                        unsafe EVP_DigestUpdate(running, digest, inner.count) == 1,
                        unsafe EVP_DigestFinal_ex(running, digest, nil) == 1
                    else { return false }
                }
                unsafe UnsafeMutableRawBufferPointer(code).copyMemory(from: UnsafeRawBufferPointer(inner))
                return true
            }
        }
        guard isDone else { throw CryptographyError("SHA-256") }
    }
}
