import PluginAPI

/// A policy's own file, or a profile it includes.
struct PolicyFile {
    /// The profile's name, nil for the policy's own file.
    let profile: String?
    let configuration: AllowlistConfiguration

    /// An error that names the place, in the policy's file or in the profile that it includes.
    func error(at keyPath: [String], _ message: String) -> PluginConfigurationError {
        guard let profile else { return PluginConfigurationError(at: keyPath, message) }
        let place = keyPath.joined(separator: ".")
        return PluginConfigurationError(at: ["profiles"], "profiles/\(profile).toml, \(place): \(message)")
    }

    /// Adds the names of one list to a set. Whole schemas may be named, but never pg_catalog.
    func addNames(
        _ list: KeyPath<AllowlistConfiguration, [String]?>,
        key: String,
        to set: inout NameSet,
        read: (String) -> ListedName?
    ) throws {
        for (index, text) in (configuration[keyPath: list] ?? []).enumerated() {
            guard let name = read(text) else {
                throw error(at: [key, String(index)], "\"\(text)\" is no name: write schema.name or schema.*")
            }
            if case .schema(Catalog.schema) = name {
                throw error(at: [key, String(index)], "pg_catalog.* would admit pg_read_file: name what is needed")
            }
            set.insert(name)
        }
    }
}

/// Reads profiles, and the profiles those include, each once, before whoever includes it.
enum Profiles {
    static func read(_ names: [String], context: PluginContext) throws -> [PolicyFile] {
        var files: [PolicyFile] = []
        var open: [String] = []
        for name in names {
            try read(name, context: context, into: &files, open: &open)
        }
        return files
    }

    private static func read(
        _ name: String,
        context: PluginContext,
        into files: inout [PolicyFile],
        open: inout [String]
    ) throws {
        if files.contains(where: { $0.profile == name }) { return }
        guard !open.contains(name) else {
            throw PluginConfigurationError(at: ["profiles"], "profile \(name) includes itself by way of others")
        }
        open.append(name)
        let configuration = try context.profile(named: name, as: AllowlistConfiguration.self)
        for included in configuration.profiles ?? [] {
            try read(included, context: context, into: &files, open: &open)
        }
        files.append(PolicyFile(profile: name, configuration: configuration))
        open.removeLast()
    }
}
