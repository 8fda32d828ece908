package import Cryptography

/// The keys of RFC 5802, section 3, and what is made of them. All are 32 bytes.
package enum SCRAMKeys {
    /// The iterations PostgreSQL 15 makes its own verifiers with.
    package static let defaultIterations = 4096
    /// How many bytes of salt PostgreSQL makes.
    package static let saltLength = 16
    /// How many random bytes a nonce is made of, before base64.
    package static let rawNonceLength = 18

    /// `SaltedPassword := Hi(Normalize(password), salt, i)`.
    package static func saltedPassword(
        _ password: String,
        salt: [UInt8],
        iterations: Int
    ) throws(CryptographyError) -> [UInt8] {
        try PBKDF2.sha256(password: preparedPassword(password), salt: salt, iterations: iterations)
    }

    /// A random nonce, printable. Its randomness is the caller's, so that the exchanges stay functions of what they are given.
    package static func nonce(random: [UInt8]) -> [UInt8] {
        Base64.encode(random)
    }

    static func clientKey(_ saltedPassword: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try HMAC.sha256(key: saltedPassword, Array("Client Key".utf8))
    }

    static func serverKey(_ saltedPassword: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try HMAC.sha256(key: saltedPassword, Array("Server Key".utf8))
    }

    static func exclusiveOr(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        zip(left, right).map { $0 ^ $1 }
    }

    /// The password's bytes as they enter `Hi`.
    ///
    /// PostgreSQL and libpq apply SASLprep (RFC 4013), and use the password as it is where that fails. ASCII is left as it
    /// is by SASLprep, control characters too, which make it fail. Other text is used as it is, which is the same for
    /// what keyboards produce (composed letters); compatibility characters, unusual spaces and decomposed accents would
    /// need the tables of stringprep, and such a password does not match one that was prepared.
    private static func preparedPassword(_ password: String) -> [UInt8] {
        Array(password.utf8)
    }
}
