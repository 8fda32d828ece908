/// The functions that come with PostgreSQL 15, by name.
public enum BuiltInFunctions {
    /// Whether a call of `name` runs one of them: one of pg_catalog, or an unqualified name that pg_catalog has. What
    /// somebody puts beside them, an overload for a type of his own or a schema before pg_catalog, no name tells.
    public static func contains(_ name: QualifiedName) -> Bool {
        switch name.schema {
        case nil: catalog.contains(name.name)
        case "pg_catalog": catalog.contains(name.name) || syntax.contains(name.name)
        default: false
        }
    }

    /// Split at the first call of anything, once in a process's life.
    private static let catalog = Set(
        BuiltInFunctionNames.words.utf8
            .split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
            .map { String(Substring($0)) }
    )

    /// What the walk calls functions though pg_catalog has none of that name.
    private static let syntax: Set<String> = [
        "current_catalog", "current_date", "current_role", "current_time", "current_timestamp", "localtime",
        "localtimestamp", "user", "xml_is_document", "xmlelement", "xmlforest", "xmlparse", "xmlpi", "xmlroot",
        "xmlserialize", "xmltable",
    ]
}
