/// What `gateway.toml` and the environment say, checked as far as that goes without a socket.
package struct GatewayConfiguration: Sendable {
    /// A numeric address; 127.0.0.1 unless the file says otherwise.
    package let listenAddress: String
    package let listenPort: UInt16
    /// Reactor threads; half as many as there are cores, at least one, unless the file says otherwise.
    package let reactors: Int
    /// Everybody's unless a user has its own: `poolMode(of:)`.
    package let poolMode: PoolMode
    package let pool: Pool
    package let limits: Limits
    package let upstream: UpstreamURL
    /// Who may log in; at least one.
    package let users: [GatewayUser]
    /// As messages about plugin files should name it; relative to the working directory or absolute.
    package let pluginsDirectory: String
    /// Whether a chain without an enforcing allowlist may start.
    package let isUnrestricted: Bool

    /// Reads a file that nobody but its owner may change.
    ///
    /// - Parameters:
    ///   - file: the path as the operator wrote it. Relative paths in the file are relative to its directory.
    ///   - environment: `DATABASE_URL` and whatever the file's `…_env` keys name.
    /// - Throws: everything that is wrong with the file, at once.
    package static func load(
        file: String,
        environment: [String: String]
    ) throws(ConfigurationErrors) -> GatewayConfiguration {
        try load(TOMLDocument(contentsOf: file), environment: environment)
    }

    /// Reads a document from elsewhere.
    package static func load(
        _ document: TOMLDocument,
        environment: [String: String]
    ) throws(ConfigurationErrors) -> GatewayConfiguration {
        let surroundings = Surroundings(environment: environment, file: document.file)
        let configuration = try document.decode(GatewayConfiguration.self, userInfo: [.surroundings: surroundings])
        let contradictions = configuration.contradictions(in: document)
        if !contradictions.isEmpty { throw ConfigurationErrors(contradictions) }
        return configuration
    }

    /// As whom a user's server connections log in: as itself where the file says so, else as the upstream's URL does.
    package func upstreamLogin(of user: GatewayUser) -> UpstreamLogin {
        user.upstreamLogin ?? upstream.login
    }

    /// How long a server connection may take to come about; the upstream's URL has the last word.
    package var connectTimeout: Duration { upstream.connectTimeout ?? limits.connectTimeout }
}
