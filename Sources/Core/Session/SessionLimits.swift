/// What one session may take.
public struct SessionLimits: Sendable {
    /// A Bind whose parameters a rule wants to see is held up to this many bytes and denied beyond.
    public var maximumInspectedBindBytes: Int
    /// Prepared statements at a time, by protocol and by SQL.
    public var maximumPreparedStatements: Int
    /// Statements that one server connection keeps prepared for sessions that share it.
    public var maximumServerStatements: Int
    /// And what their texts may take together.
    public var maximumServerStatementBytes: Int
    /// How many messages may wait for the server's answers before no more are read.
    public var maximumPipelineLength: Int

    /// The defaults are those of `gateway.toml`, where it has them.
    public init(
        maximumInspectedBindBytes: Int = 1 << 20,
        maximumPreparedStatements: Int = 1000,
        maximumPipelineLength: Int = 16_384,
        maximumServerStatements: Int = 500,
        maximumServerStatementBytes: Int = 4 << 20
    ) {
        self.maximumServerStatements = maximumServerStatements
        self.maximumServerStatementBytes = maximumServerStatementBytes
        self.maximumInspectedBindBytes = maximumInspectedBindBytes
        self.maximumPreparedStatements = maximumPreparedStatements
        self.maximumPipelineLength = maximumPipelineLength
    }
}
