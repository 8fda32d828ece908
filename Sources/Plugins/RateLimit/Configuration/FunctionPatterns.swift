import SQLInspection

/// Functions by `schema.name` or `schema.*`.
struct FunctionPatterns: Sendable, Hashable {
    private var schemas: Set<String> = []
    private var names: [String: Set<String>] = [:]

    /// Adds a pattern. Answers false for what is none.
    mutating func add(_ pattern: String) -> Bool {
        let parts = pattern.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && !$0.contains("\"") }), parts[0] != "*" else {
            return false
        }
        if parts[1] == "*" {
            return schemas.insert(parts[0]).inserted
        }
        return !parts[1].contains("*") && names[parts[1], default: []].insert(parts[0]).inserted
    }

    /// Whether a call is meant. A name without a schema may be found in any that search_path has: it is meant when its
    /// name is, or when a whole schema is and PostgreSQL itself has no such function.
    func match(_ name: QualifiedName) -> Bool {
        guard let schema = name.schema else {
            return names[name.name] != nil || (!schemas.isEmpty && !BuiltInFunctions.contains(name))
        }
        return schemas.contains(schema) || names[name.name]?.contains(schema) == true
    }

    /// Whether `x.name` may be a call of what is meant. Columns look alike, so whole schemas say nothing here.
    func match(attribute name: String) -> Bool { names[name] != nil }
}
