internal import COpenSSL
internal import Synchronization

/// A key of HMAC-SHA-256, made ready once: to look algorithms up and to work a key in costs more than a short message.
///
/// Unchecked: OpenSSL's context is used under the lock. A copy for each message would cost more than the message does.
@safe
package final class HMACKey: @unchecked Sendable {
    private static let operation = "HMAC-SHA-256"
    /// The key itself.
    package let bytes: [UInt8]
    private let context: OpaquePointer
    private let lock = Mutex(())

    /// Makes a key of any length ready for use.
    package init(_ bytes: [UInt8]) throws(CryptographyError) {
        let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil)
        defer { unsafe EVP_MAC_free(algorithm) }
        guard let context = unsafe EVP_MAC_CTX_new(algorithm) else { throw CryptographyError(Self.operation) }
        self.bytes = bytes
        unsafe self.context = context
        var digest = Array("SHA256".utf8CString)
        let status = unsafe digest.withUnsafeMutableBufferPointer { name in
            let parameters = unsafe [
                OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.baseAddress, 0),
                OSSL_PARAM_construct_end(),
            ]
            return unsafe EVP_MAC_init(context, bytes, bytes.count, parameters)
        }
        guard status == 1 else { throw CryptographyError(Self.operation) }
    }

    deinit { unsafe EVP_MAC_CTX_free(context) }

    /// The authentication code of a message; 32 bytes.
    package func code(of message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: Digest.sha256Length)
        var written = 0
        let isDone = lock.withLock { _ in
            // Begins anew with the key that it has.
            unsafe EVP_MAC_init(context, nil, 0, nil) == 1
                && EVP_MAC_update(context, message, message.count) == 1
                && EVP_MAC_final(context, &code, &written, code.count) == 1
        }
        guard isDone, written == code.count else { throw CryptographyError(Self.operation) }
        return code
    }
}

extension HMACKey: Hashable {
    /// Whether both are the same bytes.
    package static func == (left: HMACKey, right: HMACKey) -> Bool { left.bytes == right.bytes }

    /// Takes in the key's bytes.
    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
