/// A user of the gateway and the upstream credentials its sessions use.
package final class GatewayUser: Sendable {
    /// As in the startup message.
    package let name: String
    /// What a client's proof is checked against.
    package let verifier: SCRAMVerifier
    /// Who the user's sessions are to the upstream.
    package let upstream: UpstreamCredentials
    /// The databases the user may name; nil for any.
    package let databases: Set<String>?
    /// When the user's server connections are given back.
    package let poolMode: PoolMode
    /// How many of them there may be, over all reactors.
    package let poolSize: Int

    /// A user that may name any database unless told otherwise.
    package init(
        name: String,
        verifier: SCRAMVerifier,
        upstream: UpstreamCredentials,
        databases: Set<String>? = nil,
        poolMode: PoolMode = .session,
        poolSize: Int = 1000
    ) {
        self.poolMode = poolMode
        self.poolSize = poolSize
        self.name = name
        self.verifier = verifier
        self.upstream = upstream
        self.databases = databases
    }
}
