import Configuration
import PluginAPI
import Session

/// What `pgml-gateway check` has looked at, and what it found.
struct CheckReport: Encodable {
    /// What was read and is in order, one line each.
    private(set) var checked: [String] = []
    /// What keeps the gateway from starting, one line each.
    var mistakes: [String] = []
    /// What does not, and should be looked at.
    private(set) var warnings: [String] = []

    /// Reads `gateway.toml` and the plugin files. Mistakes in the one do not keep the others from being read.
    ///
    /// - Parameter plugins: the directory of the plugin files; nil for the one that `gateway.toml` names.
    mutating func check(config: String, plugins: String?, environment: [String: String]) {
        let file = GatewayFile(config)
        warnings += (file?.warnings ?? []).map(\.description)
        var configuration: GatewayConfiguration?
        attempt { _ in
            let loaded = try GatewayConfiguration.load(file: config, environment: environment)
            _ = try Gateway.users(loaded)
            configuration = loaded
        }
        if let configuration {
            let users = configuration.users.count
            checked.append(
                "\(config): \(users) \(users == 1 ? "user" : "users"), \(configuration.poolMode.rawValue) pooling, "
                    + "upstream \(configuration.upstream)"
            )
        }
        let isUnrestricted = configuration?.isUnrestricted ?? file?.isUnrestricted ?? false
        guard let directory = plugins ?? configuration?.pluginsDirectory ?? file?.pluginsDirectory else { return }
        checkPlugins(ChainLoader(directory: directory, isUnrestricted: isUnrestricted))
    }

    private mutating func checkPlugins(_ loader: ChainLoader) {
        attempt { report in
            let plugins = try loader.plugins()
            let enforces = try loader.chain(of: plugins).enforces
            report.checked += plugins.map(Self.line)
            let disabled = try loader.files().filter { file in !plugins.contains { $0.file == file } }
            report.checked += disabled.map { "\($0): not enabled" }
            let reporting = plugins.filter(\.isReport).map(\.file)
            if !reporting.isEmpty, !plugins.contains(where: { $0.plugin is any SessionObserver }) {
                let message = "only reports, and no plugin observes: nobody hears of it; add an audit plugin"
                report.warnings += reporting.map { "\($0): \(message)" }
            }
            if !enforces { report.warnings.append("\(loader.directory): \(ChainLoader.unrestricted)") }
        }
    }

    private mutating func attempt(_ body: (inout CheckReport) throws -> Void) {
        do {
            try body(&self)
        } catch {
            mistakes += "\(error)".split(separator: "\n").map(String.init)
        }
    }

    private static func line(_ plugin: LoadedPlugin) -> String {
        let says = plugin.isReport ? "reports only" : "in force"
        let scope = plugin.scope.isEverySession ? "every session" : "some sessions"
        return "\(plugin.file): \(plugin.kind), \(says), \(scope)"
    }

    /// The last line.
    var summary: String {
        func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        return "check: \(count(mistakes.count, "mistake")), \(count(warnings.count, "warning"))"
    }
}
