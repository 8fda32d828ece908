import Cryptography
import PluginAPI
import PostgresWire
import SQLInspection
import Testing

@testable import Session

/// A session with both its ends in the test's hands: what the client and the server say goes in, what each would
/// receive comes out.
final class SessionScript {
    let session: ClientSession
    private(set) var toServer: [UInt8] = []
    private(set) var toClient: [UInt8] = []
    /// What the client got last.
    private(set) var lastToClient: [UInt8] = []
    /// What the session could not use yet.
    private var fromClient: [UInt8] = []
    private var fromServer: [UInt8] = []
    private(set) var last = RelayStep.Next.proceed

    static let identity = SessionIdentity(user: "pg", database: "pgml", applicationName: "", address: "127.0.0.1")

    init(
        _ plugins: [any Plugin] = [ProbePlugin()],
        limits: SessionLimits = SessionLimits(),
        inspection: Inspector.Limits = Inspector.Limits()
    ) {
        let links = plugins.enumerated().map {
            PluginChain.Link(file: "plugins.d/\($0.offset + 1).toml", plugin: $0.element)
        }
        let judge = Judge(chain: PluginChain(links), limits: inspection)
        let environment = SessionEnvironment(
            limits: limits,
            users: UserDirectory([], mockSecret: [1]),
            randomBytes: { [UInt8](repeating: 7, count: $0) }
        )
        session = ClientSession(environment: environment, judge: judge, address: "127.0.0.1")
        session.policy = judge.context(for: Self.identity)
        session.phase = .leasing
        let server = ServerState(ServerIdentity(processID: 1, secret: 2, parameters: ServerParameters()))
        session.attach(server, key: CancelKey(processID: 1, secret: 3))
        session.clearToClient()
    }

    /// The client says something. Returns what reaches the server and what comes back at once.
    @discardableResult
    func client(_ bytes: [UInt8]...) -> (server: [String], client: [String]) {
        fromClient += bytes.flatMap { $0 }
        pumpClient()
        return taken()
    }

    /// The server says something. Returns what reaches the client, and what the session says to the server.
    @discardableResult
    func server(_ bytes: [UInt8]...) -> (server: [String], client: [String]) {
        fromServer += bytes.flatMap { $0 }
        pumpServer()
        if last == .wait { pumpClient() }
        return taken()
    }

    private func taken() -> (server: [String], client: [String]) {
        lastToClient = toClient
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
            if step.next == .close { last = .close }
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

/// Denies calls of `forbidden` and parameters of type 13, wants to see the parameters of `watched`, among which it denies
/// what is `bad` or of type 19, and lets everything else pass.
struct ProbePlugin: StatementDecider, ParameterTypesDecider, BindDecider {
    struct Configuration: Decodable {}
    static let kind = "probe"

    init() {}
    init(configuration: Configuration, context: PluginContext) throws {}

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        var wanted: Set<Int> = []
        for call in event.facts.calls {
            if call.name.name == "forbidden" { return .deny(Self.denial("forbidden is not allowed", call.offset)) }
            guard call.name.name == "watched" else { continue }
            for argument in call.arguments {
                switch argument.value {
                case .parameter(let number): wanted.insert(number)
                case .constant(let index) where event.value(ofConstant: index) == "bad":
                    return .deny(Self.denial("bad is not allowed", call.offset))
                default: break
                }
            }
        }
        return wanted.isEmpty ? .forward : .forwardInspecting(parameters: wanted)
    }

    func decide(_ event: borrowing BindEvent) -> BindVerdict {
        for number in 1...max(1, event.parameterCount) {
            switch event.value(ofParameter: number) {
            case .text("bad", _): return .deny(Self.denial("bad is not allowed", nil))
            case .text(_, 19): return .deny(Self.denial("name is not allowed", nil))
            case .text(_, UInt32.max): return .deny(Self.denial("a type of somebody's own is not allowed", nil))
            default: continue
            }
        }
        return .forward
    }

    func decide(_ event: borrowing ParameterTypesEvent) -> BindVerdict {
        event.types.contains(13) ? .deny(Self.denial("type 13 is not allowed", nil)) : .forward
    }

    private static func denial(_ message: String, _ offset: Int?) -> Denial {
        Denial(message, rule: "probe", hint: "Ask somebody.", offset: offset)
    }
}
