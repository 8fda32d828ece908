package import PluginAPI

/// One link of the chain: a plugin file and the plugin it describes.
package struct LoadedPlugin: Sendable {
    /// The path that denials name: `plugins.d/10-allowlist.toml`.
    package let file: String
    package let kind: String
    package let scope: PluginScope
    /// `mode = "report"`: what it would deny is only told to observers.
    package let isReport: Bool
    package let plugin: any Plugin
}
