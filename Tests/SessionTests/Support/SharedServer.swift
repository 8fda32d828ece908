import PluginAPI
import PostgresWire
import SQLInspection

@testable import Session

/// Sessions that share server connections, with all ends in the test's hands.
final class SharedServers {
    let judge: Judge
    let statements = StatementLibrary()
    let greetings = GreetingCache()
    let limits: SessionLimits

    init(
        _ plugins: [any Plugin] = [ProbePlugin()],
        limits: SessionLimits = SessionLimits(),
        clock: (any SessionClock)? = nil
    ) {
        let links = plugins.enumerated().map {
            PluginChain.Link(file: "plugins.d/\($0.offset + 1).toml", plugin: $0.element)
        }
        judge = Judge(chain: PluginChain(links), limits: Inspector.Limits(), clock: clock)
        self.limits = limits
    }

    /// A server connection that has just logged in.
    func server(_ parameters: [String: String] = [:]) -> ServerState {
        var reported = ServerParameters()
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { reported.set(name, value) }
        return ServerState(ServerIdentity(processID: 1, secret: 2, parameters: reported))
    }

    /// A client that has logged in and has no server connection.
    func client(startup: [String: String] = [:]) -> SharedClient {
        let environment = SessionEnvironment(
            limits: limits,
            users: UserDirectory([], mockSecret: [1]),
            randomBytes: { [UInt8](repeating: 7, count: $0) }
        )
        let session = ClientSession(
            environment: environment,
            judge: judge,
            address: "127.0.0.1",
            statements: statements,
            greetings: greetings
        )
        session.policy = judge.context(for: SessionScript.identity)
        session.poolMode = .transaction
        session.startupSettings = SessionSettings(startup)
        session.settings = session.startupSettings
        session.phase = .greeting(ServerParameters(), messages: [])
        session.greet(key: CancelKey(processID: 1, secret: 3))
        session.clearToClient()
        return SharedClient(session)
    }
}

/// One client of shared server connections. It gets one when the test says so, and gives it back by itself.
final class SharedClient {
    let session: ClientSession
    private var toServer: [UInt8] = []
    private var toClient: [UInt8] = []
    private var fromClient: [UInt8] = []
    private var fromServer: [UInt8] = []
    private(set) var last = RelayStep.Next.proceed

    init(_ session: ClientSession) { self.session = session }

    /// What is sent where, as `SessionScript` shows it.
    typealias Traffic = (server: [String], client: [String])

    /// The client says something while it has no server connection, or has kept one.
    @discardableResult
    func says(_ bytes: [UInt8]...) -> Traffic {
        fromClient += bytes.flatMap { $0 }
        pumpClient()
        return taken()
    }

    /// The client says something and gets this server connection for it.
    @discardableResult
    func says(_ bytes: [UInt8]..., on server: ServerState) -> Traffic {
        fromClient += bytes.flatMap { $0 }
        pumpClient()
        if last == .lease {
            session.attach(server, key: CancelKey(processID: 1, secret: 3))
            flush()
            pumpClient()
        }
        return taken()
    }

    /// The server connection answers, and is given back when that is possible.
    @discardableResult
    func hears(_ bytes: [UInt8]...) -> Traffic {
        fromServer += bytes.flatMap { $0 }
        pumpServer()
        if case .free = session.leaseEnd { session.detach() }
        if last == .wait { pumpClient() }
        if case .free = session.leaseEnd { session.detach() }
        return taken()
    }

    /// The server connection that was asked for does not come.
    func isRefused(_ error: ErrorResponse) -> Traffic {
        session.refuseLease(error)
        pumpClient()
        return taken()
    }

    var hasServer: Bool { session.server != nil }

    private func taken() -> Traffic {
        defer {
            toServer = []
            toClient = []
        }
        return (Frames.names(toServer), Frames.names(toClient))
    }

    private func pumpClient() {
        while !fromClient.isEmpty {
            let held = fromClient
            let step = unsafe session.receive(fromClient: held.span.bytes)
            toServer += held[..<step.forward]
            flush()
            fromClient.removeFirst(step.forward + step.discard)
            last = step.next
            guard step.next == .proceed else { return }
        }
    }

    private func pumpServer() {
        while !fromServer.isEmpty {
            let held = fromServer
            let step = unsafe session.receive(fromServer: held.span.bytes)
            toClient += held[..<step.forward]
            flush()
            fromServer.removeFirst(step.forward + step.discard)
            guard step.next == .proceed else { return }
        }
    }

    private func flush() {
        toServer += session.toServer
        session.clearToServer()
        toClient += session.toClient
        session.clearToClient()
    }
}
