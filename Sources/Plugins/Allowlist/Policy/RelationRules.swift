import PluginAPI
import SQLInspection

/// Which relations may be reached, and how.
struct RelationRules {
    let resolution: NameResolution
    private let allowed: [RelationUse.Access: NameSet]

    init(resolution: NameResolution, allowed: [RelationUse.Access: NameSet]) {
        self.resolution = resolution
        self.allowed = allowed
    }

    func denial(of facts: StatementFacts, database: String) -> Denial? {
        for use in facts.relations {
            guard let problem = problem(with: use, database: database) else { continue }
            return Denial("relation \(use.name) \(problem.what)", rule: "relations", hint: problem.hint)
        }
        return nil
    }

    /// Why the relation that an argument names may not be read, nil when it may.
    func problem(withName value: KnownValue, at path: String, database: String) -> String? {
        guard case .text(let text, _) = value, let parts = NamePath.parse(text), (1...2).contains(parts.count) else {
            return "\(path) must be the name of a relation"
        }
        let name = QualifiedName(schema: parts.count == 2 ? parts[0] : nil, parts[parts.count - 1])
        let use = RelationUse(name: name, access: .select)
        return problem(with: use, database: database).map { _ in "\(path) names a relation that may not be read" }
    }

    private func problem(with use: RelationUse, database: String) -> (what: String, hint: String)? {
        // Whatever is called pg_… is looked for in pg_catalog first, and a policy knows nothing else by such a name.
        let meaning = resolution.meaning(of: use.name, database: database) { $0.hasPrefix("pg_") }
        switch meaning {
        case .foreign: return ("is in another database", "Connect to that database.")
        case .nowhere:
            return ("is not allowed without its schema", "Write it with its schema, or list the schema in `schemas`.")
        case .schemas(let schemas):
            let isAllowed = schemas.allSatisfy {
                allowed[use.access]?.contains(schema: $0, name: use.name.name) ?? false
            }
            if isAllowed { return nil }
            return (
                "is not allowed for \(use.access.rawValue.uppercased())",
                "Add a [[relations]] rule with `access = [\"\(use.access.rawValue)\"]`, if this client may have it."
            )
        }
    }
}
