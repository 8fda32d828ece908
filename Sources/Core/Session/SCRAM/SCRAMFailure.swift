internal import Cryptography
package import PostgresWire

/// Why a SCRAM exchange ended without success, in PostgreSQL's words. Holds nothing secret.
package struct SCRAMFailure: Error, Sendable, Hashable {
    /// What ErrorResponse says in field C.
    package let sqlState: SQLState
    /// What it says in field M.
    package let message: String
    /// What it says in field D.
    package let detail: String?

    init(_ sqlState: SQLState, _ message: String, detail: String? = nil) {
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
    }

    /// The message does not follow RFC 5802's grammar; `detail` says where.
    static func malformed(_ detail: String) -> SCRAMFailure {
        SCRAMFailure(.protocolViolation, "malformed SCRAM message", detail: detail)
    }

    /// OpenSSL refused a computation. Its reason is for the log, not for the peer.
    static func cryptography(_ error: CryptographyError) -> SCRAMFailure {
        SCRAMFailure(.internalError, "could not compute a SCRAM key", detail: error.description)
    }

    /// The password is wrong, or the user does not exist: the client is not to learn which.
    static func wrongPassword(user: String) -> SCRAMFailure {
        SCRAMFailure(.invalidPassword, "password authentication failed for user \"\(user)\"")
    }
}
