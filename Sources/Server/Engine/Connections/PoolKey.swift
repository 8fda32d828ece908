import Session

/// What makes server connections interchangeable: sessions with equal keys share a pool.
struct PoolKey: Hashable, Sendable {
    let request: ServerRequest
    /// A user with a size of its own has a pool of its own.
    let size: Int
}
