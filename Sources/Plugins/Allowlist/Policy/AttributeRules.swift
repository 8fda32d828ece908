import PluginAPI
import SQLInspection

/// What may stand behind a dot: `x.f` is a column, or else PostgreSQL calls `f(x)` or casts x to the type `f`.
///
/// That x is a FROM item makes no difference here. `SELECT f.pg_ls_dir FROM concat('.') AS f` calls pg_ls_dir: a
/// function's, a cast's or COALESCE's scalar result in FROM stands for itself, not for a row.
struct AttributeRules {
    let functions: FunctionRules
    let types: TypeRules
    /// Names that may stand behind a dot while schemas are listed; nil for any.
    let columns: Set<ExactString>?

    func denial(of facts: StatementFacts, database: String) -> Denial? {
        for use in facts.attributes {
            let name = ExactString(use.name)
            if Catalog.unaryFunctions.contains(name), !isCallable(Catalog.schema, use.name, facts) {
                return denial(use, "the function of that name is not allowed", rule: "functions")
            }
            let type = QualifiedName(schema: Catalog.schema, use.name)
            if Catalog.types.contains(name), !types.admits(type, database: database) {
                return denial(use, "the type of that name is not allowed", rule: "types")
            }
            let schemas = functions.resolution.schemas
            for schema in schemas where functions.hasRule(schema: schema, name: use.name) {
                if isCallable(schema, use.name, facts) { continue }
                return denial(use, "the function of that name takes only known arguments", rule: "calls")
            }
            if !schemas.isEmpty, let columns, !columns.contains(name) {
                return denial(use, "it may be a function of a schema in `schemas`", rule: "columns")
            }
        }
        return nil
    }

    private func isCallable(_ schema: String, _ name: String, _ facts: StatementFacts) -> Bool {
        functions.admitsCall(of: QualifiedName(schema: schema, name), inFactsOf: facts)
    }

    private func denial(_ use: AttributeUse, _ reason: String, rule: String) -> Denial {
        let hint =
            rule == "columns"
            ? "Add the column's name to `columns`." : "If it is a column, give it another name in a subquery (AS …)."
        return Denial("\(Quoted.name(use.name)) behind a dot is not allowed: \(reason)", rule: rule, hint: hint)
    }
}
