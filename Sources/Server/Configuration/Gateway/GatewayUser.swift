/// `[[users]]`: somebody who may log in to the gateway.
package struct GatewayUser: Sendable, Hashable {
    /// The name a client gives in its StartupMessage.
    package let name: String
    /// What it proves its identity with.
    package let credential: Credential
    /// As whom its server connections log in; nil: as the upstream's URL says.
    package let upstreamLogin: UpstreamLogin?
    /// The databases it may name; nil: any.
    package let databases: Set<String>?
    /// When its server connections are given back; nil: as `pool_mode` says for everybody.
    package let poolMode: PoolMode?
    /// The size of its pools, 1 to 100 000; nil: as `[pool]` says.
    package let poolSize: Int?
}

/// What a client's password is checked against.
package enum Credential: Sendable, Hashable {
    case password(Secret)
    /// `SCRAM-SHA-256$…`, as `pg_authid` has it: enough to check a password, not to know it.
    case scramVerifier(Secret)

    static let verifierPrefix = "SCRAM-SHA-256$"

    /// As PostgreSQL's `ALTER ROLE … PASSWORD` reads it: a text that looks like a verifier is one. (Taken as a password
    /// it would make the verifier as good as the password it protects.)
    init(_ secret: Secret) {
        self = secret.revealed.hasPrefix(Self.verifierPrefix) ? .scramVerifier(secret) : .password(secret)
    }
}

/// As whom a server connection logs in.
package struct UpstreamLogin: Sendable, Hashable {
    package let user: String
    /// nil where the server asks for none.
    package let password: Secret?

    package init(user: String, password: Secret?) {
        self.user = user
        self.password = password
    }
}
