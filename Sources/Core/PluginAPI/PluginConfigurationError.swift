/// Thrown by a plugin for a value it cannot accept; the loader adds file and line.
public struct PluginConfigurationError: Error, Sendable {
    /// The key's path in the file, outermost first: `["functions", "2", "models"]`.
    public let keyPath: [String]
    /// What is wrong and what to write instead.
    public let message: String

    /// An error about the value at `keyPath`.
    public init(at keyPath: [String], _ message: String) {
        self.keyPath = keyPath
        self.message = message
    }
}
