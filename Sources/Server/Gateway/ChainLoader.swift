import Configuration
import PluginAPI
import Registry
import Session

/// Makes the chain from the plugin files, at the start and whenever the gateway is told to read them again.
struct ChainLoader: Sendable {
    let directory: String
    /// The directory of gateway.toml.
    let base: String
    let isUnrestricted: Bool

    /// - Parameter config: the path of gateway.toml, which relative paths in plugin files start from.
    init(directory: String, config: String, isUnrestricted: Bool) {
        self.directory = directory
        base = config.lastIndex(of: "/").map { String(config[...$0]) } ?? "."
        self.isUnrestricted = isUnrestricted
    }

    /// What the log says while nothing is refused.
    static let unrestricted = "unrestricted: no plugin refuses statements; everything is forwarded"

    /// - Throws: everything that is wrong with the files, or that no plugin among them refuses anything.
    func load() throws -> PluginChain {
        try chain(of: plugins())
    }

    /// What is to be done before a chain comes into force.
    ///
    /// - Throws: what keeps a plugin from its work.
    func begin(_ chain: PluginChain) throws {
        for link in chain.links {
            do {
                try (link.plugin as? any SessionObserver)?.begin()
            } catch {
                throw ConfigurationError(file: link.file, message: "\(error)")
            }
        }
    }

    /// The plugins that the files describe, in the order of the files.
    func plugins() throws -> [LoadedPlugin] {
        try pluginDirectory.load(mayBeEmpty: isUnrestricted)
    }

    /// The plugin files, enabled or not.
    func files() throws -> [String] { try pluginDirectory.files() }

    /// - Throws: that no plugin among them refuses anything, though that is not wanted.
    func chain(of plugins: [LoadedPlugin]) throws -> PluginChain {
        let chain = PluginChain(
            plugins.map { plugin in
                PluginChain.Link(file: plugin.file, plugin: plugin.plugin, isReport: plugin.isReport) {
                    plugin.scope.contains($0)
                }
            }
        )
        guard chain.enforces || isUnrestricted else {
            throw ConfigurationError(
                file: directory,
                message:
                    "holds no plugin that refuses statements; add an allowlist (with mode = \"enforce\"), or set "
                    + "unrestricted = true in gateway.toml to forward anything to anyone"
            )
        }
        if let (rewriter, judge) = chain.unjudgedRewrite {
            throw ConfigurationError(
                file: rewriter,
                message:
                    "changes statements after the last plugin that judges them (\(judge)), so that what it makes would "
                    + "reach the server unjudged; give it a file name that comes before \(judge)'s"
            )
        }
        return chain
    }

    private var pluginDirectory: PluginDirectory { PluginDirectory(directory, kinds: BuiltInPlugins.kinds, base: base) }
}
