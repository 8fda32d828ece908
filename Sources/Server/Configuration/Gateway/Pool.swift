/// `[pool]`: how many server connections there are, how long each is kept, and how long clients may wait for or hold one.
///
/// All of it goes for both pool modes. A time limit that is nil (`"0s"` in a file) never passes.
package struct Pool: Sendable, Hashable {
    /// Server connections of each pool, over all reactors. 1 to 100 000; nil: not given, so that the default goes by the
    /// mode (`GatewayConfiguration.poolSize(of:)`).
    package var size: Int?
    /// So many more once a client has waited `reserveAfter`. 0 to 100 000, at most the size of each pool.
    package var reserveSize = 0
    /// 10ms to 1d.
    package var reserveAfter = Duration.seconds(5)
    /// Server connections kept open once a pool has been used. 0 to 100 000, at most the size of each pool.
    package var minimum = 0
    /// A server connection older than this is closed when it is given back. 100ms to 30d.
    package var serverLifetime: Duration? = .seconds(3600)
    /// A server connection that nobody has used for this long is closed. 100ms to 30d.
    package var serverIdleTimeout: Duration? = .seconds(600)
    /// A client that has waited longer for a server connection gets an error (53300). 10ms to 1d.
    package var queryWaitTimeout: Duration? = .seconds(120)
    /// A statement that runs longer is cancelled (57014). 10ms to 1d.
    package var queryTimeout: Duration?
    /// A session that idles longer in an open transaction is ended (25P03). 10ms to 1d.
    package var idleTransactionTimeout: Duration?
    /// Prepared statements of one server connection; the least recently used goes first. 1 to 100 000.
    package var maxPreparedStatements = 500
    /// The texts of one server connection's prepared statements together. 1KiB to 1GiB.
    package var maxPreparedStatementBytes = ByteCount.mebibytes(4)

    /// What the size of a pool may be.
    static let sizes = 1...100_000

    package init() {}
}

extension Pool: Decodable {
    private enum CodingKeys: String, CodingKey {
        case size
        case reserveSize = "reserve_size"
        case reserveAfter = "reserve_after"
        case minimum
        case serverLifetime = "server_lifetime"
        case serverIdleTimeout = "server_idle_timeout"
        case queryWaitTimeout = "query_wait_timeout"
        case queryTimeout = "query_timeout"
        case idleTransactionTimeout = "idle_transaction_timeout"
        case maxPreparedStatements = "max_prepared_statements"
        case maxPreparedStatementBytes = "max_prepared_statement_bytes"
    }

    package init(from decoder: any Decoder) throws {
        let waits = Duration.milliseconds(10) ... .seconds(86_400)
        let ages = Duration.milliseconds(100) ... .seconds(30 * 86_400)
        let table = try decoder.container(keyedBy: CodingKeys.self)

        size = try table.bounded(.size, Self.sizes)
        reserveSize = try table.bounded(.reserveSize, 0...Self.sizes.upperBound, default: reserveSize)
        reserveAfter = try table.bounded(.reserveAfter, waits, default: reserveAfter)
        minimum = try table.bounded(.minimum, 0...Self.sizes.upperBound, default: minimum)
        serverLifetime = try table.timeout(.serverLifetime, ages, default: serverLifetime)
        serverIdleTimeout = try table.timeout(.serverIdleTimeout, ages, default: serverIdleTimeout)
        queryWaitTimeout = try table.timeout(.queryWaitTimeout, waits, default: queryWaitTimeout)
        queryTimeout = try table.timeout(.queryTimeout, waits, default: queryTimeout)
        idleTransactionTimeout = try table.timeout(.idleTransactionTimeout, waits, default: idleTransactionTimeout)
        maxPreparedStatements = try table.bounded(.maxPreparedStatements, 1...100_000, default: maxPreparedStatements)
        maxPreparedStatementBytes = try table.bounded(
            .maxPreparedStatementBytes,
            .kibibytes(1) ... .mebibytes(1024),
            default: maxPreparedStatementBytes
        )
    }
}
