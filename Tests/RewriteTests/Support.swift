import Configuration
import PluginAPI
import PluginTestKit
import SQLInspection
import Session
import Testing

@testable import Rewrite

/// A plugin file's text.
func plugin(_ toml: String) throws -> Rewrite {
    let document = try TOMLDocument(text: "kind = \"rewrite\"\n\(toml)", file: "plugins.d/20-rewrite.toml")
    let loaded = try PluginFile(document, kinds: [PluginKind(Rewrite.self)]).load()
    return try #require(loaded?.plugin as? Rewrite)
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

/// Lets everything pass but calls of `forbidden`.
struct Judging: StatementDecider {
    struct Configuration: Decodable {}
    static let kind = "judging"

    init() {}
    init(configuration: Configuration, context: PluginContext) throws {}

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        guard let call = event.facts.calls.first(where: { $0.name.name == "forbidden" }) else { return .forward }
        return .deny(Denial("forbidden is not allowed", rule: "f", hint: "", offset: call.offset))
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
