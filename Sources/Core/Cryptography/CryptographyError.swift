internal import COpenSSL

/// OpenSSL refused an operation: an algorithm its configuration disables (MD5 in FIPS mode), or no memory.
package struct CryptographyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was being done: `SHA-256`.
    package let operation: String
    /// OpenSSL's own reason.
    package let reason: String

    /// Takes the reason from OpenSSL's error queue of this thread, and empties it.
    init(_ operation: String) {
        self.operation = operation
        let code = ERR_get_error()
        ERR_clear_error()
        let text = unsafe ERR_reason_error_string(code)
        reason = unsafe text.map { unsafe String(cString: $0) } ?? "unknown reason"
    }

    /// `SHA-256 failed: unsupported`.
    package var description: String { "\(operation) failed: \(reason)" }
}
