/// What pg_catalog of PostgreSQL 15 holds, as far as resolving a name asks.
enum Catalog {
    static let schema = "pg_catalog"

    static let functions = words(CatalogNames.functions)
    /// Functions that can be called with one argument.
    static let unaryFunctions = words(CatalogNames.unaryFunctions)
    static let types = words(CatalogNames.types)
    static let operators = words(CatalogNames.operators)

    private static func words(_ text: String) -> Set<ExactString> {
        Set(text.split(whereSeparator: \.isWhitespace).map { ExactString(String($0)) })
    }
}
