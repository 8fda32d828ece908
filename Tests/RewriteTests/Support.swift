import PluginAPI
import TestSupport

@testable import Rewrite

/// A plugin file's text.
func plugin(_ toml: String) throws -> Rewrite {
    try loadPlugin(Rewrite.self, toml, file: "plugins.d/20-rewrite.toml")
}

/// What the loader says of a file that is not taken.
func refusal(of toml: String) -> String {
    do {
        _ = try plugin(toml)
        return "taken"
    } catch {
        return "\(error)"
    }
}

extension SessionIdentity {
    static func someone(
        user: String = "pg",
        database: String = "pgml",
        application: String = "psql",
        address: String = "127.0.0.1"
    ) -> SessionIdentity {
        SessionIdentity(user: user, database: database, applicationName: application, address: address)
    }
}
