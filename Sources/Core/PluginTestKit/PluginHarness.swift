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
    /// What became of a statement, a Bind or a startup message.
    public enum Outcome: Equatable {
        /// The statement reaches the server in this form.
        case forwarded(String)
        /// The client gets this error; the server gets nothing.
        case denied(ErrorResponse)
    }

    private let chain: PluginChain
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
        chain = PluginChain(
            plugins.enumerated().map { PluginChain.Link(file: "plugins.d/\($0.offset + 1).toml", plugin: $0.element) }
        )
        judge = Judge(chain: chain, limits: Inspector.Limits())
        identity = session
    }

    /// What becomes of a query text.
    public func judge(_ sql: String) -> Outcome {
        switch judge.judge(sql, identity: identity, parameters: nil) {
        case .success(let text): .forwarded(text)
        case .failure(let error): .denied(error)
        }
    }

    /// What becomes of a prepared statement that is bound to these values.
    public func judge(_ sql: String, parameters: [ParameterValue]) -> Outcome {
        switch judge.judge(sql, identity: identity, parameters: parameters) {
        case .success(let text): .forwarded(text)
        case .failure(let error): .denied(error)
        }
    }

    /// The startup parameters that a session begins with, or why it does not.
    public func startUp(_ parameters: [StartupParameter]) -> Result<[StartupParameter], ErrorResponse> {
        judge.startUp(parameters, identity: identity)
    }
}

extension PluginContext {
    /// A context for tests of plugins that read no profiles.
    public static var testing: PluginContext {
        PluginContext(file: "plugins.d/1.toml") { name in throw MissingProfile(name: name) }
    }
}

/// A plugin under test asked for a profile, and there are none.
public struct MissingProfile: Error, Sendable {
    /// The profile that was asked for.
    public let name: String
}
