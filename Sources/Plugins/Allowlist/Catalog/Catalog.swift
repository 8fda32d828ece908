/// What pg_catalog of PostgreSQL 15 holds, as far as resolving a name asks.
enum Catalog {
    static let schema = "pg_catalog"

    static let functions = words(CatalogNames.functions)
    /// Functions that can be called with one argument.
    static let unaryFunctions = words(CatalogNames.unaryFunctions)
    static let types = words(CatalogNames.types)
    static let operators = words(CatalogNames.operators)
    /// Types by OID, an array under the name of its elements.
    static let typesByOID: [UInt32: String] = {
        let words = CatalogNames.typesByOID.split(whereSeparator: \.isWhitespace)
        return words.reduce(into: [:]) { types, word in
            let parts = word.split(separator: ":", maxSplits: 1)
            types[UInt32(parts[0]) ?? 0] = String(parts[1])
        }
    }()

    private static func words(_ text: String) -> Set<ExactString> {
        Set(text.split(whereSeparator: \.isWhitespace).map { ExactString(String($0)) })
    }
}
