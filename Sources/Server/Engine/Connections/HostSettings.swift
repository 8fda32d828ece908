package import Pooling

/// Addresses, sizes and times of a gateway.
package struct HostSettings: Sendable {
    /// A name, a numeric address or the path of a Unix socket.
    package var upstreamHost: String
    /// The upstream's port; of a Unix socket, the one in its name.
    package var upstreamPort: UInt16
    /// From a client's connecting to its being authenticated.
    package var authenticationTimeout = Duration.seconds(60)
    /// From looking up the upstream to the end of login. The gateway's own errands on a server connection, and cancelling,
    /// take no longer.
    package var connectTimeout = Duration.seconds(15)
    /// How long running transactions may go on once the gateway is told to stop.
    package var shutdownTimeout = Duration.seconds(30)
    /// Of every pool; the size is the user's own.
    package var pool = PoolLimits(size: 1)
    /// A statement that runs longer is cancelled.
    package var queryTimeout: Duration?
    /// A session that idles longer in an open transaction is ended.
    package var idleTransactionTimeout: Duration?
    /// Over all reactors.
    package var maximumClientConnections = 1000

    /// Settings for this upstream; the others have usual values.
    package init(upstreamHost: String, upstreamPort: UInt16) {
        self.upstreamHost = upstreamHost
        self.upstreamPort = upstreamPort
    }

    /// How often the host looks at its clocks: a tenth of the shortest time that matters, between 10 ms and a second.
    var tick: Duration {
        var times = [pool.waitTime, queryTimeout, idleTransactionTimeout].compactMap(\.self)
        if pool.reserve > 0 { times.append(pool.reserveAfter) }
        return min(.seconds(1), max(.milliseconds(10), (times.min() ?? .seconds(10)) / 10))
    }
}
