/// Addresses, sizes and times of a gateway.
package struct HostSettings: Sendable {
    /// A name, a numeric address or the path of a Unix socket.
    package var upstreamHost: String
    /// The upstream's port; of a Unix socket, the one in its name.
    package var upstreamPort: UInt16
    /// From a client's connecting to its being authenticated.
    package var authenticationTimeout = Duration.seconds(60)
    /// For one address of the upstream: from connecting to the end of login. Cleaning and cancelling take no longer.
    package var connectTimeout = Duration.seconds(15)
    /// How long running transactions may go on once the gateway is told to stop.
    package var shutdownTimeout = Duration.seconds(30)
    /// How long a server connection waits for another session.
    package var serverIdleTimeout = Duration.seconds(60)
    /// Per reactor.
    package var maximumIdleServers = 32
    /// Over all reactors.
    package var maximumClientConnections = 1000

    /// Settings for this upstream; the others have usual values.
    package init(upstreamHost: String, upstreamPort: UInt16) {
        self.upstreamHost = upstreamHost
        self.upstreamPort = upstreamPort
    }
}
