import Pooling
import Session

/// A server connection on its way from one reactor to another: its descriptor, and all that is known of it.
struct ServerParcel: Sendable {
    let descriptor: Int32
    let address: SocketAddress
    let key: ServerRequest
    let state: ServerHandover
    let baggage: PooledBaggage
    let promise: PoolPromise
    let share: PoolShare

    /// Closes a connection that nobody is there to take.
    func close() {
        Socket.close(descriptor)
        share.lost(by: promise.reactor)
    }
}
