/// A kind of plugin that `plugins.d` may name: how the registry lists what is built in.
public struct PluginKind: Sendable {
    /// What `kind = "…"` calls it.
    public let name: String
    private let maker: @Sendable (any Decoder, PluginContext) throws -> any Plugin

    /// The kind that `plugin` is.
    public init<P: Plugin>(_ plugin: P.Type) {
        name = P.kind
        maker = { decoder, context in
            try P(configuration: P.Configuration(from: decoder), context: context)
        }
    }

    /// Makes an instance from the plugin file's own keys.
    public func make(from decoder: any Decoder, context: PluginContext) throws -> any Plugin {
        try maker(decoder, context)
    }
}
