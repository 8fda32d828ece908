/// `[limits]`: how much the gateway takes from a client, and how long it waits.
package struct Limits: Sendable, Hashable {
    /// From a client's connecting to its being authenticated, as PostgreSQL's setting of that name. 1s to 10min.
    package var authenticationTimeout = Duration.seconds(60)
    /// For a server connection to come about. 100ms to 10min.
    package var connectTimeout = Duration.seconds(10)
    /// For clients to finish when the gateway is told to stop. 0s to 1h.
    package var shutdownTimeout = Duration.seconds(30)
    /// The longest text of a Query or Parse that is looked at; what is longer is denied. 1KiB to 16MiB.
    package var maxStatementBytes = ByteCount.mebibytes(1)
    /// The longest Bind that is held back until its values have been judged. 1KiB to 256MiB.
    package var maxInspectedBindBytes = ByteCount.mebibytes(1)
    /// Clients at a time, over all reactors. 1 to 1 000 000.
    package var maxClientConnections = 1000
    /// Prepared statements of one session at a time. 1 to 100 000.
    package var maxPreparedStatements = 1000

    package init() {}
}

extension Limits: Decodable {
    private enum CodingKeys: String, CodingKey {
        case authenticationTimeout = "authentication_timeout"
        case connectTimeout = "connect_timeout"
        case shutdownTimeout = "shutdown_timeout"
        case maxStatementBytes = "max_statement_bytes"
        case maxInspectedBindBytes = "max_inspected_bind_bytes"
        case maxClientConnections = "max_client_connections"
        case maxPreparedStatements = "max_prepared_statements"
    }

    package init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        authenticationTimeout = try table.bounded(
            .authenticationTimeout,
            .seconds(1) ... .seconds(600),
            default: authenticationTimeout
        )
        connectTimeout = try table.bounded(
            .connectTimeout,
            .milliseconds(100) ... .seconds(600),
            default: connectTimeout
        )
        shutdownTimeout = try table.bounded(.shutdownTimeout, .zero ... .seconds(3600), default: shutdownTimeout)
        maxStatementBytes = try table.bounded(
            .maxStatementBytes,
            .kibibytes(1) ... .mebibytes(16),
            default: maxStatementBytes
        )
        maxInspectedBindBytes = try table.bounded(
            .maxInspectedBindBytes,
            .kibibytes(1) ... .mebibytes(256),
            default: maxInspectedBindBytes
        )
        maxClientConnections = try table.bounded(.maxClientConnections, 1...1_000_000, default: maxClientConnections)
        maxPreparedStatements = try table.bounded(.maxPreparedStatements, 1...100_000, default: maxPreparedStatements)
    }
}
