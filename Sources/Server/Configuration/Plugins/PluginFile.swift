package import PluginAPI

/// One plugin file on its way to becoming a plugin.
///
/// All of a file's mistakes are found in one pass: the keys common to all plugins, the plugin's own, what the plugin
/// itself has to say about its configuration, and the profiles it reads. The plugin may therefore be made from a
/// configuration that is partly a placeholder; with any mistake on record it is thrown away again.
package struct PluginFile: Sendable {
    private let document: TOMLDocument
    private let kinds: [PluginKind]
    private let base: String
    private let predecessor: (any Plugin)?

    /// - Parameters:
    ///   - kinds: what the registry has built in.
    ///   - base: the directory that relative paths in the file start from.
    ///   - predecessor: what the file describes in the chain in force.
    package init(
        _ document: TOMLDocument,
        kinds: [PluginKind],
        base: String = ".",
        predecessor: (any Plugin)? = nil
    ) {
        self.base = base
        self.predecessor = predecessor
        self.document = document
        self.kinds = kinds
    }

    /// Makes the plugin; nil when the file says `enabled = false`.
    ///
    /// - Throws: everything that is wrong with the file, and with the profiles it reads.
    package func load() throws(ConfigurationErrors) -> LoadedPlugin? {
        guard case .table(let table) = document.root else { preconditionFailure("a TOML document is a table") }
        let record = DecodingRecord(document)
        let common = Set(PluginHeader.CodingKeys.allCases.map(\.stringValue))
        let headerTable = TOMLNode.table(table.filter { common.contains($0.key) })
        let ownTable = TOMLNode.table(table.filter { !common.contains($0.key) })

        let header = try? StrictDecoder(node: headerTable, path: .root, record: record).value(PluginHeader.self)
        let kind = header.flatMap { self.kind(named: $0.kind, record) }
        guard let header, let kind, header.isEnabled else {
            try record.finish()
            return nil
        }

        // A plugin without a key of its own asks for none: that must not make its file's other keys go unnoticed.
        record.visit(ownTable, at: .root)
        let profiles = Profiles(besides: record)
        let context = PluginContext(
            file: document.file,
            directory: base,
            predecessor: predecessor,
            wallClock: { WallClock.now },
            profileDecoder: { try profiles.decoder(for: $0) }
        )
        record.reserve(common)
        let plugin: (any Plugin)?
        do {
            plugin = try kind.make(from: StrictDecoder(node: ownTable, path: .root, record: record), context: context)
        } catch {
            plugin = nil
            profiles.attribute(error)
        }
        if let key = record.reservedAndAsked.min() {
            let message = "is a key of every plugin file; in the plugin \(kind.name), give its own key another name"
            throw ConfigurationErrors([document.mistake(message, at: .root + key)])
        }
        let errors = record.errors() + profiles.errors()
        if !errors.isEmpty { throw ConfigurationErrors(errors) }
        guard let plugin else { preconditionFailure("a plugin was not made, without a reason on record") }
        return LoadedPlugin(
            file: document.file,
            kind: kind.name,
            scope: header.scope,
            isReport: header.isReport,
            plugin: plugin
        )
    }

    private func kind(named name: String?, _ record: DecodingRecord) -> PluginKind? {
        if let kind = kinds.first(where: { $0.name == name }) { return kind }
        let known = Words.alternatives(kinds.map { "\"\($0.name)\"" }.sorted())
        let found = name.map { "\"\($0)\" is no kind of plugin" } ?? "is missing"
        record.noteUnlessKnown("\(found); write \(known)", at: .root + "kind")
        return nil
    }
}
