import FoundationEssentials
package import PluginAPI

/// The directory of plugin files: `*.toml`, run in the order of their names. Everything else in it is left alone, so
/// that `10-allowlist.toml.disabled` and an editor's backups do no harm.
package struct PluginDirectory: Sendable {
    /// As the operator wrote it.
    private let path: String
    private let kinds: [PluginKind]
    private let base: String

    /// - Parameter base: the directory that relative paths in plugin files start from.
    package init(_ path: String, kinds: [PluginKind], base: String = ".") {
        self.base = base
        let trimmed = path.utf8.reversed().drop { $0 == UInt8(ascii: "/") }
        self.path = trimmed.isEmpty ? path : String(decoding: trimmed.reversed(), as: UTF8.self)
        self.kinds = kinds
    }

    /// Makes the chain. One mistake in one file is enough for there to be none.
    ///
    /// - Parameters:
    ///   - mayBeEmpty: whether a chain without plugins is wanted (`unrestricted = true`).
    ///   - predecessors: the plugins of the chain in force, by their files.
    /// - Throws: everything that is wrong with every file, in the order of the files.
    package func load(
        mayBeEmpty: Bool = false,
        after predecessors: [String: any Plugin] = [:]
    ) throws(ConfigurationErrors) -> [LoadedPlugin] {
        var chain: [LoadedPlugin] = []
        var errors: [ConfigurationError] = []
        let files = try files()
        for directory in [path, "\(path)/profiles"] {
            guard let complaint = Permissions.complaint(aboutDirectory: directory) else { continue }
            errors.append(ConfigurationError(file: directory, message: complaint))
        }
        for file in files {
            do {
                let document = try TOMLDocument(contentsOf: file)
                let described = PluginFile(document, kinds: kinds, base: base, predecessor: predecessors[file])
                if let plugin = try described.load() { chain.append(plugin) }
            } catch {
                errors += error.errors
            }
        }
        if chain.isEmpty && errors.isEmpty && !mayBeEmpty {
            let message =
                "holds no plugin file that is enabled; add one, such as 10-allowlist.toml, or set "
                + "unrestricted = true to forward anything to anyone"
            errors.append(ConfigurationError(file: path, message: message))
        }
        if !errors.isEmpty { throw ConfigurationErrors(errors) }
        return chain
    }

    /// The plugin files, those that are not enabled among them, in the order of the bytes of their names: `05-…` before
    /// `10-…` before `9-…`.
    package func files() throws(ConfigurationErrors) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                .map { "\(path)/\($0)" }
        } catch {
            let message = "cannot be read as a directory; set plugins_directory to the directory of the plugin files"
            throw ConfigurationErrors([ConfigurationError(file: path, message: message)])
        }
    }
}
