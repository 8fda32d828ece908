/// What a plugin may use while it is being made.
public struct PluginContext: Sendable {
    /// The plugin file's path as the operator wrote it: `plugins.d/10-allowlist.toml`.
    public let file: String

    private let profileDecoder: @Sendable (String) throws -> any Decoder

    /// - Parameter profileDecoder: gives the decoder of `profiles/NAME.toml` beside the plugin files.
    public init(file: String, profileDecoder: @escaping @Sendable (String) throws -> any Decoder) {
        self.file = file
        self.profileDecoder = profileDecoder
    }

    /// Reads `profiles/NAME.toml` beside the plugin files. Errors name that file, its line and key.
    public func profile<Value: Decodable>(named name: String, as type: Value.Type) throws -> Value {
        try Value(from: profileDecoder(name))
    }
}
