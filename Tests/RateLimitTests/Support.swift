import PluginAPI
import PluginTestKit
import PostgresWire
import TestSupport

@testable import RateLimit

/// Sessions of one identity on one reactor before limits written in a test. With `beside` they share these with others.
struct Sessions {
    let harness: PluginHarness
    let plugin: RateLimit

    init(_ toml: String, user: String = "pg", address: String = "127.0.0.1", application: String = "") throws {
        try self.init(Self.load(toml), user: user, address: address, application: application)
    }

    init(_ plugin: RateLimit, user: String = "pg", address: String = "127.0.0.1", application: String = "") throws {
        self.plugin = plugin
        let session = SessionIdentity(user: user, database: "pgml", applicationName: application, address: address)
        harness = PluginHarness([plugin, ForbiddenCalls()], session: session)
    }

    /// Others before the same limits.
    func beside(user: String = "pg", address: String = "127.0.0.1", application: String = "") throws -> Sessions {
        try Sessions(plugin, user: user, address: address, application: application)
    }

    /// The same session after its file has been read again.
    func reloaded(_ toml: String) throws -> Sessions {
        try Sessions(Self.load(toml, after: plugin))
    }

    static func load(_ toml: String, after predecessor: RateLimit? = nil) throws -> RateLimit {
        try loadPlugin(RateLimit.self, toml, after: predecessor)
    }

    /// "ok", "at 5", "waits", or the SQLSTATE and the hint.
    func admit(
        _ sql: String = "SELECT 1",
        _ parameters: [ParameterValue]? = nil,
        session: Int = 1,
        holdsServer: Bool = false,
        at milliseconds: UInt64
    ) -> String {
        let answer = harness.admit(
            sql,
            parameters: parameters,
            session: session,
            holdsServer: holdsServer,
            at: Self.time(milliseconds)
        )
        switch answer {
        case .forwarded: return "ok"
        case .delayed(let until): return "at \((until - Self.start) / 1_000_000)"
        case .pending: return "waits"
        case .denied(let error): return "\(error.sqlState.rawValue) \(error.hint ?? "")"
        }
    }

    /// A clock does not begin at 0.
    static let start: UInt64 = 1_000_000_000_000

    static func time(_ milliseconds: UInt64) -> UInt64 { start + milliseconds * 1_000_000 }
}
