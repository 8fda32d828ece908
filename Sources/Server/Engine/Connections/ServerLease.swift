import PostgresWire
import Session

/// A wait for a server connection, from looking up the host to the end of login.
final class ServerLease {
    typealias Handler = (Result<ServerConnection, ErrorResponse>) -> Bool

    private var handler: Handler?
    private unowned let host: SessionHost
    private let request: ServerRequest

    init(_ request: ServerRequest, host: SessionHost, handler: @escaping Handler) {
        self.request = request
        self.host = host
        self.handler = handler
    }

    /// Nobody waits any more; a connection that comes about is closed.
    func abandon() { handler = nil }

    /// Hands over the outcome. A connection that nobody wants any more is closed.
    func finish(_ result: Result<ServerConnection, ErrorResponse>) {
        let handler = handler
        self.handler = nil
        let isTaken = handler?(result) ?? false
        if !isTaken, case .success(let server) = result { server.closeNow() }
    }

    /// Tries the addresses in turn.
    func open(_ addresses: ArraySlice<SocketAddress>, last: ErrorResponse?) {
        guard handler != nil else { return }
        var addresses = addresses
        guard let address = addresses.popFirst() else {
            return finish(.failure(last ?? ErrorResponse(.connectionFailure, "the upstream has no address")))
        }
        do throws(SystemError) {
            let attempt = try Socket.connect(to: address)
            Socket.setNoDelay(attempt.descriptor)
            let server = ServerConnection(descriptor: attempt.descriptor, request: request, host: host) { result in
                switch result {
                case .success: self.finish(result)
                case .failure(let error): self.open(addresses, last: error)
                }
            }
            do throws(SystemError) {
                try host.add(server, isConnected: !attempt.isInProgress)
            } catch {
                server.closeNow()
                throw error
            }
        } catch {
            open(
                addresses,
                last: ErrorResponse(
                    .connectionFailure,
                    "could not connect to the upstream",
                    detail: SystemError.text(of: error.code)
                )
            )
        }
    }
}
