internal import COpenSSL

/// Keyed digests (RFC 2104), by OpenSSL's EVP_MAC.
package enum HMAC {
    /// HMAC-SHA-256 with a key that means nothing, to be copied: looking the algorithms up costs twice as much as a login's
    /// digests. It is never changed, so all threads may read it. nil where OpenSSL cannot make it.
    private nonisolated(unsafe) static let template: OpaquePointer? = unsafe makeTemplate()

    private static func makeTemplate() -> OpaquePointer? {
        guard let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else { return nil }
        defer { unsafe EVP_MAC_free(algorithm) }
        guard let context = unsafe EVP_MAC_CTX_new(algorithm) else { return nil }
        var name = Array("SHA256".utf8CString)
        let status = unsafe name.withUnsafeMutableBufferPointer { name in
            let digest = unsafe OSSL_PARAM_construct_utf8_string("digest", name.baseAddress, 0)
            let parameters = unsafe [digest, OSSL_PARAM_construct_end()]
            return unsafe EVP_MAC_init(context, [0], 1, parameters)
        }
        guard status == 1 else {
            unsafe EVP_MAC_CTX_free(context)
            return nil
        }
        return unsafe context
    }

    /// HMAC-SHA-256; 32 bytes.
    package static func sha256(key: [UInt8], _ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard let template = unsafe template, let context = unsafe EVP_MAC_CTX_dup(template) else {
            throw CryptographyError("HMAC-SHA-256")
        }
        defer { unsafe EVP_MAC_CTX_free(context) }
        var result = [UInt8](repeating: 0, count: Digest.sha256Length)
        var written = 0
        guard unsafe EVP_MAC_init(context, key, key.count, nil) == 1,
            unsafe EVP_MAC_update(context, bytes, bytes.count) == 1,
            unsafe EVP_MAC_final(context, &result, &written, result.count) == 1, written == result.count
        else { throw CryptographyError("HMAC-SHA-256") }
        return result
    }
}
