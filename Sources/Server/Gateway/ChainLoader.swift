import Configuration
import Logging
import Registry
import Session

/// Makes the chain from the plugin files, at the start and whenever the gateway is told to read them again.
struct ChainLoader: Sendable {
    let directory: String
    /// The directory of gateway.toml.
    let base: String
    let isUnrestricted: Bool

    /// - Throws: everything that is wrong with the files, or that no plugin among them refuses anything.
    func load(_ logger: Logger) throws -> PluginChain {
        let loaded = try PluginDirectory(directory, kinds: BuiltInPlugins.kinds, base: base)
            .load(mayBeEmpty: isUnrestricted)
        let chain = PluginChain(
            loaded.map { plugin in
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
        if !chain.enforces {
            logger.warning("unrestricted: no plugin refuses statements; everything is forwarded")
        }
        return chain
    }
}
