package import Cryptography

/// The answer to AuthenticationMD5Password, for servers that still ask for it.
package enum MD5Password {
    /// `md5` and the hexadecimal digits of `md5(md5(password ‖ user) ‖ salt)` (protocol chapter, section 55.2.2).
    ///
    /// - Parameter salt: the four bytes of the request.
    package static func response(
        user: String,
        password: String,
        salt: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let inner = Hexadecimal.encode(try Digest.md5(Array(password.utf8) + Array(user.utf8)))
        return Array("md5".utf8) + Hexadecimal.encode(try Digest.md5(inner + salt))
    }
}
