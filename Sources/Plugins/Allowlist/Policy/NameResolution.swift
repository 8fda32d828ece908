import SQLInspection

/// Which objects a name in a statement can mean, given that search_path is pinned to
/// `pg_catalog, <schemas>, pg_temp`.
struct NameResolution {
    /// The listed schemas, in their order.
    let schemas: [String]

    /// Where a name is looked up.
    enum Meaning: Equatable {
        /// In one of these schemas, and the server finds out in which: each must admit it.
        case schemas([String])
        /// In another database than the session's.
        case foreign(database: String)
        /// Nowhere that the policy knows.
        case nowhere
    }

    /// - Parameter isBuiltIn: whether pg_catalog has such a name; it stands first on the path.
    func meaning(of name: QualifiedName, database: String, isBuiltIn: (String) -> Bool) -> Meaning {
        if let named = name.database, ExactString(named) != ExactString(database) { return .foreign(database: named) }
        if let schema = name.schema { return .schemas([schema]) }
        if isBuiltIn(name.name) { return .schemas([Catalog.schema]) }
        return schemas.isEmpty ? .nowhere : .schemas(schemas)
    }
}
