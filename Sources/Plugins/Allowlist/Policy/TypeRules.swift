import PluginAPI
import SQLInspection

/// Which types may be named.
struct TypeRules {
    let resolution: NameResolution
    let allowed: NameSet

    /// - Parameter functions: whose rules may take the name of a relation as `'…'::regclass`.
    func denial(of facts: StatementFacts, database: String, functions: FunctionRules) -> Denial? {
        var relationNames: Int?
        for use in facts.types {
            if admits(use.name, database: database) { continue }
            if Self.isRelationName(use) {
                let total = relationNames ?? functions.relationNames(in: facts)
                relationNames = total - 1
                if total > 0 { continue }
            }
            let hint = "Add it to `types` with its schema, if this client may use it."
            return denial(use, "is not allowed", hint: hint)
        }
        return nil
    }

    /// Types of `types` have no fixed OID; one from outside pg_catalog could be of anybody's making.
    func denial(ofParameterTypes types: [UInt32]) -> Denial? {
        for (index, oid) in types.enumerated() where oid != TypeOID.inferred && oid != TypeOID.unknown {
            let name = Catalog.typesByOID[oid]
            if let name, allowed.contains(schema: Catalog.schema, name: name) { continue }
            return Denial(
                "type \(name.map { Catalog.schema + "." + $0 } ?? String(oid)) is not allowed for parameter $\(index + 1)",
                rule: "types",
                hint: "Leave the type to the server, and cast the parameter to a type that is allowed."
            )
        }
        return nil
    }

    func admits(_ name: QualifiedName, database: String) -> Bool {
        let isBuiltIn: (String) -> Bool = { Catalog.types.contains(ExactString($0)) }
        switch resolution.meaning(of: name, database: database, isBuiltIn: isBuiltIn) {
        case .foreign, .nowhere: return false
        case .schemas(let schemas): return schemas.allSatisfy { allowed.contains(schema: $0, name: name.name) }
        }
    }

    /// regclass looks a name up, so it is admitted only where a rule has read the name.
    static func isRelationName(_ type: TypeUse) -> Bool {
        type.name.name == "regclass" && (type.name.schema ?? Catalog.schema) == Catalog.schema
            && type.name.database == nil && !type.isArray && !type.isSet && !type.hasModifier
    }

    private func denial(_ use: TypeUse, _ what: String, hint: String) -> Denial {
        Denial("type \(use.name) \(what)", rule: "types", hint: hint)
    }
}

extension FunctionRules {
    /// How many `'name'::regclass` stand where a rule takes the name of a relation.
    func relationNames(in facts: StatementFacts) -> Int {
        facts.calls.reduce(0) { total, call in
            let schema = call.name.schema ?? Catalog.schema
            let rules = rules[ExactString(schema)]?[ExactString(call.name.name)] ?? []
            return total
                + call.arguments.enumerated().count { position, argument in
                    guard case .cast(let inner, let type) = argument.value, TypeRules.isRelationName(type) else {
                        return false
                    }
                    if case .cast = inner { return false }
                    return argument.name == nil && !rules.isEmpty
                        && rules.allSatisfy {
                            position < $0.parameters.count && $0.parameters[position].rule.isRelation
                        }
                }
        }
    }
}
