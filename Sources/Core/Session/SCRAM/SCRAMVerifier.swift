package import Cryptography

/// What a server keeps of a password: enough to check a proof, not enough to give one.
///
/// Its text is what PostgreSQL keeps in `pg_authid.rolpassword`: `SCRAM-SHA-256$4096:salt$storedKey:serverKey`.
package struct SCRAMVerifier: Sendable, Hashable {
    /// How often the password was hashed, at least 1.
    package let iterations: Int
    /// What it was hashed with.
    package let salt: [UInt8]
    let storedKey: HMACKey
    let serverKey: HMACKey
    /// What a server-first-message says of salt and iterations, behind the nonce.
    let announcement: [UInt8]

    private init(iterations: Int, salt: [UInt8], storedKey: HMACKey, serverKey: HMACKey) {
        self.iterations = iterations
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
        announcement = Array(",s=\(Self.encoded(salt)),i=\(iterations)".utf8)
    }

    /// Makes the verifier of a password.
    ///
    /// - Parameters:
    ///   - salt: `SCRAMKeys.saltLength` random bytes.
    ///   - iterations: at least 1.
    package init(
        password: String,
        salt: [UInt8],
        iterations: Int = SCRAMKeys.defaultIterations
    ) throws(CryptographyError) {
        let salted = try SCRAMKeys.saltedPassword(password, salt: salt, iterations: iterations)
        self.init(
            iterations: iterations,
            salt: salt,
            storedKey: try HMACKey(Digest.sha256(SCRAMKeys.clientKey(salted))),
            serverKey: try HMACKey(SCRAMKeys.serverKey(salted))
        )
    }

    /// Reads PostgreSQL's form; nil for anything else (`parse_scram_secret`).
    package init?(parsing text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual("SCRAM-SHA-256".utf8) else { return nil }
        let parameters = parts[1].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let keys = parts[2].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard
            parameters.count == 2, keys.count == 2,
            parameters[0].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let iterations = Int32(Substring(parameters[0])), iterations >= 1,
            let salt = Base64.decode(parameters[1]), !salt.isEmpty,
            let storedKey = Base64.decode(keys[0]).flatMap(Self.key),
            let serverKey = Base64.decode(keys[1]).flatMap(Self.key)
        else { return nil }
        self.init(iterations: Int(iterations), salt: salt, storedKey: storedKey, serverKey: serverKey)
    }

    /// PostgreSQL's form. Who has it can pretend to be the server, so it belongs in no log.
    package var text: String {
        let (salt, stored, server) = (Self.encoded(salt), Self.encoded(storedKey.bytes), Self.encoded(serverKey.bytes))
        return "SCRAM-SHA-256$\(iterations):\(salt)$\(stored):\(server)"
    }

    /// A verifier that nothing satisfies, for a user that does not exist: its salt is always the same for the same name
    /// and, without `secret`, looks like any other.
    ///
    /// - Parameters:
    ///   - secret: random bytes that the process keeps.
    ///   - iterations: as many as the verifiers of real users have, or they could be told apart.
    static func mock(
        user: String,
        secret: [UInt8],
        iterations: Int
    ) throws(CryptographyError) -> SCRAMVerifier {
        let salt = try HMAC.sha256(key: secret, Array(user.utf8)).prefix(SCRAMKeys.saltLength)
        let key = try nobodysKey.get()
        return SCRAMVerifier(iterations: iterations, salt: Array(salt), storedKey: key, serverKey: key)
    }

    /// Ready like the keys of real users: a proof is checked in the same time.
    private static let nobodysKey = Result { () throws(CryptographyError) in
        try HMACKey([UInt8](repeating: 0, count: Digest.sha256Length))
    }

    private static func key(_ bytes: [UInt8]) -> HMACKey? {
        bytes.count == Digest.sha256Length ? try? HMACKey(bytes) : nil
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        String(decoding: Base64.encode(bytes), as: UTF8.self)
    }
}

extension SCRAMVerifier: CustomStringConvertible {
    /// Shows no key.
    package var description: String { "SCRAM-SHA-256$\(iterations):…" }
}
