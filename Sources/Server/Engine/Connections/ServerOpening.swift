import PostgresWire
import Session

/// The opening of a server connection, from looking up the host to the end of login, within one time limit.
final class ServerOpening {
    typealias Handler = (Result<ServerConnection, ErrorResponse>) -> Void

    private var handler: Handler?
    private let pool: ReactorPool
    private var timer: TimerToken?
    /// The attempt at hand.
    private var attempt: ServerConnection?

    private var host: SessionHost { pool.host }

    /// Begins; `handler` is called once, maybe before this returns.
    init(for pool: ReactorPool, handler: @escaping Handler) {
        self.pool = pool
        self.handler = handler
        timer = host.reactor.schedule(after: host.settings.connectTimeout) { [self] in timeOut() }
        let reply = host.reactor.expect { (result: Result<[SocketAddress], ResolutionFailure>) in
            switch result {
            case .success(let addresses):
                self.tryNext(of: addresses[...], last: nil)
            case .failure(let failure):
                self.finish(.failure(ErrorResponse(.connectionFailure, failure.description)))
            }
        }
        host.shared.resolver.resolve(host.settings.upstreamHost, port: host.settings.upstreamPort, reply: reply)
    }

    private func finish(_ result: Result<ServerConnection, ErrorResponse>) {
        if let timer { host.reactor.cancel(timer) }
        timer = nil
        attempt = nil
        let handler = handler
        self.handler = nil
        handler?(result)
    }

    private func timeOut() {
        let attempt = attempt
        finish(.failure(ErrorResponse(.connectionFailure, "the upstream did not answer in time")))
        attempt?.closeNow()
    }

    /// Tries the addresses in turn.
    private func tryNext(of addresses: ArraySlice<SocketAddress>, last: ErrorResponse?) {
        guard handler != nil else { return }
        var addresses = addresses
        guard let address = addresses.popFirst() else {
            return finish(.failure(last ?? ErrorResponse(.connectionFailure, "the upstream has no address")))
        }
        do throws(SystemError) {
            try connect(to: address, else: addresses)
        } catch {
            tryNext(of: addresses, last: .cannotConnect(error.code))
        }
    }

    private func connect(to address: SocketAddress, else others: ArraySlice<SocketAddress>) throws(SystemError) {
        let socket = try Socket.connect(to: address)
        ServerConnection.setOptions(socket.descriptor)
        let server = ServerConnection(descriptor: socket.descriptor, address: address, pool: pool) { result in
            guard self.handler != nil else { return }
            switch result {
            case .success: self.finish(result)
            case .failure(let error): self.tryNext(of: others, last: error)
            }
        }
        attempt = server
        do throws(SystemError) {
            try host.reactor.add(server, interest: socket.isInProgress ? .write : .read)
        } catch {
            attempt = nil
            server.abandon()
            throw error
        }
        if !socket.isInProgress { server.logIn() }
    }
}

extension ErrorResponse {
    /// No connection to the upstream, for the reason of an `errno`.
    static func cannotConnect(_ code: Int32) -> ErrorResponse {
        ErrorResponse(
            .connectionFailure,
            "could not connect to the upstream",
            detail: code == 0 ? "the connection broke" : SystemError.text(of: code)
        )
    }
}
