import Configuration
import PluginAPI

@testable import Audit

/// Reads an audit plugin's keys as the gateway does.
enum Keys {
    static func read(_ toml: String) throws -> AuditConfiguration {
        try TOMLDocument(text: toml, file: "90-audit.toml").decode(AuditConfiguration.self)
    }
}
