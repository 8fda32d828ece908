import Configuration
package import PluginAPI

/// Makes a plugin of what its file would say below `kind`.
///
/// - Parameter predecessor: the plugin of the same file in the chain that is to be replaced.
/// - Throws: what the loader says of a file that is not taken.
package func loadPlugin<Kind: Plugin>(
    _ type: Kind.Type,
    _ toml: String,
    file: String = "plugins.d/1.toml",
    after predecessor: Kind? = nil
) throws -> Kind {
    let document = try TOMLDocument(text: "kind = \"\(Kind.kind)\"\n\(toml)", file: file)
    let loaded = try PluginFile(document, kinds: [PluginKind(type)], predecessor: predecessor).load()
    guard let plugin = loaded?.plugin as? Kind else { throw NotEnabled(file: file) }
    return plugin
}

/// The text says `enabled = false`.
package struct NotEnabled: Error {
    /// What the file would be called.
    package let file: String
}
