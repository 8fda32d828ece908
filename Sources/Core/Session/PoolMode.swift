/// When a client's server connection is given back (PgBouncer's `pool_mode`).
public enum PoolMode: Sendable {
    /// When the client leaves.
    case session
    /// When its transaction ends, unless the session left something behind that only this connection has.
    case transaction
}
