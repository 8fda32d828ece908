public import PluginAPI
public import PostgresWire
import SQLInspection
import Session

/// Drives one plugin, or a chain, the way a session does: real SQL through the real grammar, no sockets.
///
/// ```swift
/// let harness = PluginHarness([MyPlugin(configuration: .init(), context: .testing)])
/// #expect(harness.judge("SELECT 1") == .forwarded("SELECT 1"))
/// ```
public final class PluginHarness {
    /// What became of a statement.
    public enum Outcome: Equatable {
        /// The statement reaches the server in this form.
        case forwarded(String)
        /// The client gets this error; the server gets nothing.
        case denied(ErrorResponse)
    }

    private let judge: Judge
    private let identity: SessionIdentity

    /// - Parameters:
    ///   - plugins: in the order of their files, which are called `plugins.d/1.toml`, `plugins.d/2.toml` and so on.
    ///   - session: who is asking.
    public init(
        _ plugins: [any Plugin],
        session: SessionIdentity = SessionIdentity(
            user: "pg",
            database: "pgml",
            applicationName: "",
            address: "127.0.0.1"
        )
    ) {
        let chain = PluginChain(
            plugins.enumerated().map { PluginChain.Link(file: "plugins.d/\($0.offset + 1).toml", plugin: $0.element) }
        )
        judge = Judge(chain: chain, limits: Inspector.Limits())
        identity = session
    }

    /// What becomes of a query text, or with `parameters` of a prepared statement that is bound to these values.
    public func judge(_ sql: String, parameters: [ParameterValue]? = nil) -> Outcome {
        switch judge.judge(sql, identity: identity, parameters: parameters) {
        case .success(let text): .forwarded(text)
        case .failure(let error): .denied(error)
        }
    }

    /// What the gates say to statements that are about to run.
    public enum Admission {
        /// They run.
        case forwarded
        /// They run when the clock shows this many nanoseconds.
        case delayed(until: UInt64)
        /// They run when this is decided.
        case pending(PendingAdmission)
        /// The client gets this error.
        case denied(ErrorResponse)
    }

    /// What the chain's gates say to a query text at a time of the test's own, or with `parameters` to a prepared statement
    /// that is bound to these values. What a decider refuses is denied, and told to the gates.
    ///
    /// - Parameters:
    ///   - session: which of the process's sessions asks.
    ///   - holdsServer: whether it keeps a server connection from others meanwhile.
    ///   - time: the clock, in nanoseconds.
    public func admit(
        _ sql: String,
        parameters: [ParameterValue]? = nil,
        session: Int = 1,
        holdsServer: Bool = false,
        at time: UInt64
    ) -> Admission {
        let answer = judge.admit(
            sql,
            identity: identity,
            sessionNumber: session,
            parameters: parameters,
            holdsServer: holdsServer,
            now: time
        )
        return switch answer {
        case .forward: .forwarded
        case .delay(let until): .delayed(until: until)
        case .pending(let pending): .pending(pending)
        case .denied(let error): .denied(error)
        }
    }

    /// Tells the gates that something of the session has ended, which a session does exactly once for each `forwarded`,
    /// `delayed` and `pending`.
    public func release(session: Int = 1) { judge.release(identity: identity, sessionNumber: session) }

    /// The startup parameters that a session begins with, or why it does not.
    public func startUp(_ parameters: [StartupParameter]) -> Result<[StartupParameter], ErrorResponse> {
        judge.startUp(parameters, identity: identity)
    }
}

extension PluginContext {
    /// A context for tests of plugins that read no profiles. It is the beginning of 1970.
    public static var testing: PluginContext { testing { .zero } }

    /// The same at a time of the test's own: since 1970 began, in UTC.
    public static func testing(wallClock: @escaping @Sendable () -> Duration) -> PluginContext {
        PluginContext(file: "plugins.d/1.toml", wallClock: wallClock) { name in throw MissingProfile(name: name) }
    }
}

/// A plugin under test asked for a profile, and there are none.
public struct MissingProfile: Error, Sendable {
    /// The profile that was asked for.
    public let name: String
}
