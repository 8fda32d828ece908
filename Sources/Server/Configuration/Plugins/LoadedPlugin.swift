package import PluginAPI

/// One link of the chain: a plugin file and the plugin it describes. Loaded plugins enforce, and deny when they fail.
package struct LoadedPlugin: Sendable {
    /// The path that denials name: `plugins.d/10-allowlist.toml`.
    package let file: String
    package let kind: String
    package let scope: PluginScope
    package let plugin: any Plugin
}
