/// What can be told of a `gateway.toml` beside its settings, also when it has mistakes.
package struct GatewayFile: Sendable {
    private let document: TOMLDocument

    /// Reads the file; nil when it cannot be read or is no TOML.
    package init?(_ file: String) {
        guard let document = try? TOMLDocument(contentsOf: file) else { return nil }
        self.document = document
    }

    /// Where the plugin files are, as far as the file says.
    package var pluginsDirectory: String {
        let surroundings = Surroundings(environment: [:], file: document.file)
        guard case .table(let table) = document.root, case .string(let path) = table["plugins_directory"] else {
            return surroundings.path("plugins.d")
        }
        return surroundings.path(path)
    }

    /// Whether a chain without plugins is wanted.
    package var isUnrestricted: Bool {
        guard case .table(let table) = document.root, case .boolean(let value) = table["unrestricted"] else {
            return false
        }
        return value
    }

    /// What the operator should mend, though the gateway starts: a password in a file that others can read.
    package var warnings: [ConfigurationError] {
        guard Permissions.areWideForSecret(document.file) else { return [] }
        return secrets.map { path in
            document.mistake(
                "is a password in a file that others than its owner can read; run: chmod 600 \(document.file)",
                at: path
            )
        }
        .sorted { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    /// Where passwords stand in the file itself.
    private var secrets: [TOMLPath] {
        guard case .table(let table) = document.root else { return [] }
        var found: [TOMLPath] = []
        if case .table(let upstream) = table["upstream"], case .string(let url) = upstream["url"],
            (try? UpstreamURL(url))?.login.password != nil
        {
            found.append(.root + "upstream" + "url")
        }
        if case .array(let users) = table["users"] {
            for (index, user) in users.enumerated() {
                guard case .table(let keys) = user else { continue }
                for key in ["password", "upstream_password"] where keys[key] != nil {
                    found.append(.root + "users" + index + key)
                }
            }
        }
        return found
    }
}
