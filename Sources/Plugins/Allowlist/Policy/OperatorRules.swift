import PluginAPI
import SQLInspection

/// Which operators and collations may be used.
struct OperatorRules {
    let resolution: NameResolution
    /// Operators beyond pg_catalog's.
    let allowed: NameSet

    func denial(of facts: StatementFacts, database: String) -> Denial? {
        for name in facts.operators where !admits(name, database: database) {
            return Denial(
                "operator \(name) is not allowed",
                rule: "operators",
                hint: "Add it to `operators` with its schema, if this client may use it."
            )
        }
        // A collation holds no code: those of pg_catalog and of the listed schemas are harmless.
        for name in facts.collations where !admitsCollation(name, database: database) {
            return Denial(
                "collation \(name) is not allowed",
                rule: "schemas",
                hint: "Use one of pg_catalog's, or list its schema in `schemas`."
            )
        }
        return nil
    }

    private func admits(_ name: QualifiedName, database: String) -> Bool {
        let isBuiltIn: (String) -> Bool = { Catalog.operators.contains(ExactString($0)) }
        switch resolution.meaning(of: name, database: database, isBuiltIn: isBuiltIn) {
        case .foreign, .nowhere: return false
        case .schemas(let schemas):
            return schemas.allSatisfy {
                $0 == Catalog.schema ? isBuiltIn(name.name) : allowed.contains(schema: $0, name: name.name)
            }
        }
    }

    private func admitsCollation(_ name: QualifiedName, database: String) -> Bool {
        if let named = name.database, ExactString(named) != ExactString(database) { return false }
        guard let schema = name.schema else { return true }
        return ([Catalog.schema] + resolution.schemas).contains { ExactString($0) == ExactString(schema) }
    }
}
