/// What all sessions of a gateway share. Made at start, never changed.
public struct SessionEnvironment: Sendable {
    /// What one session may take.
    public let limits: SessionLimits
    package let users: UserDirectory
    /// Where nonces come from.
    let randomBytes: @Sendable (Int) -> [UInt8]

    package init(
        limits: SessionLimits,
        users: UserDirectory,
        randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.limits = limits
        self.users = users
        self.randomBytes = randomBytes
    }
}

/// What one session may take.
public struct SessionLimits: Sendable {
    /// A Bind whose parameters a rule wants to see is held up to this many bytes and denied beyond.
    public var maximumInspectedBindBytes: Int
    /// Prepared statements at a time, by protocol and by SQL.
    public var maximumPreparedStatements: Int
    /// How many messages may wait for the server's answers before no more are read.
    public var maximumPipelineLength: Int

    /// The defaults are those of `gateway.toml`.
    public init(
        maximumInspectedBindBytes: Int = 1 << 20,
        maximumPreparedStatements: Int = 10_000,
        maximumPipelineLength: Int = 16_384
    ) {
        self.maximumInspectedBindBytes = maximumInspectedBindBytes
        self.maximumPreparedStatements = maximumPreparedStatements
        self.maximumPipelineLength = maximumPipelineLength
    }
}
