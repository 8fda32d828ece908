package import PluginAPI

/// One link of the chain: a plugin file and the plugin it describes.
package struct LoadedPlugin: Sendable {
    /// The path that denials name: `plugins.d/10-allowlist.toml`.
    package let file: String
    /// What the file calls it: `allowlist`.
    package let kind: String
    /// The sessions in which it has a say.
    package let scope: PluginScope
    /// `mode = "report"`: what it would deny is only told to observers.
    package let isReport: Bool
    /// The instance that the file describes.
    package let plugin: any Plugin
}
