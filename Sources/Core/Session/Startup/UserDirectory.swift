/// The gateway's users. Made at start; verifiers are computed once there, never per login.
package struct UserDirectory: Sendable {
    private let users: [String: GatewayUser]
    /// Keys the salts of mock exchanges, so that an unknown user looks like one with a password.
    let mockSecret: [UInt8]

    /// - Parameter mockSecret: random bytes of this process.
    package init(_ users: [GatewayUser], mockSecret: [UInt8]) {
        self.users = Dictionary(users.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.mockSecret = mockSecret
    }

    func user(named name: String) -> GatewayUser? { users[name] }
}

/// A user of the gateway and the upstream credentials its sessions use.
package struct GatewayUser: Sendable {
    package let name: String
    package let verifier: SCRAMVerifier
    package let upstream: UpstreamCredentials
    /// The databases the user may name; nil for any.
    package let databases: Set<String>?

    package init(name: String, verifier: SCRAMVerifier, upstream: UpstreamCredentials, databases: Set<String>? = nil) {
        self.name = name
        self.verifier = verifier
        self.upstream = upstream
        self.databases = databases
    }
}

/// Who a session is to the upstream.
public struct UpstreamCredentials: Sendable, Hashable, CustomStringConvertible {
    /// The name in the upstream's startup message.
    public let user: String
    let password: String

    package init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// Never the password.
    public var description: String { "upstream user \"\(user)\"" }
}
