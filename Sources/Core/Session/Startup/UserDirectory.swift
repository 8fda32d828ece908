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
