public import Cryptography

/// The gateway's users. Made at start; verifiers are computed once there, never per login.
public struct UserDirectory: Sendable {
    private let users: [String: GatewayUser]
    /// Keys the salts of mock exchanges, so that an unknown user looks like one with a password.
    let mockSecret: [UInt8]

    /// - Parameter mockSecret: random bytes of this process.
    public init(_ users: [GatewayUser], mockSecret: [UInt8]) {
        self.users = Dictionary(users.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.mockSecret = mockSecret
    }

    func user(named name: String) -> GatewayUser? { users[name] }
}

/// A user of the gateway and the upstream credentials its sessions use.
public struct GatewayUser: Sendable {
    public let name: String
    public let verifier: SCRAMVerifier
    public let upstream: UpstreamCredentials
    /// The databases the user may name; nil for any.
    public let databases: Set<String>?

    public init(name: String, verifier: SCRAMVerifier, upstream: UpstreamCredentials, databases: Set<String>? = nil) {
        self.name = name
        self.verifier = verifier
        self.upstream = upstream
        self.databases = databases
    }
}

/// Who a session is to the upstream.
public struct UpstreamCredentials: Sendable, Hashable, CustomStringConvertible {
    public let user: String
    let password: [UInt8]

    public init(user: String, password: [UInt8]) {
        self.user = user
        self.password = password
    }

    public var description: String { "upstream user \"\(user)\"" }
}
