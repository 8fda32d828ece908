/// The search_path that names are judged by: pg_catalog first, pg_temp last, nothing between them but listed schemas.
///
/// pg_temp is always named, because it stands first where it is not: a temporary table called `text` would then take
/// over `'x'::text`.
struct SearchPath {
    /// The listed schemas, in the policy's order.
    let schemas: [String]

    /// What the server's search_path is pinned to, as a startup parameter's value.
    let pinned: String

    private static let first = "pg_catalog"
    private static let last = "pg_temp"

    init(schemas: [String]) {
        self.schemas = schemas
        pinned = Self.text(of: schemas)
    }

    /// The permitted form of a path that a client asks for; nil when it names a schema that is not listed.
    func permitted(_ names: [String]) -> [String]? {
        var kept: [String] = []
        for name in names where !["", Self.first, Self.last].contains(where: { ExactString($0) == ExactString(name) }) {
            guard schemas.contains(where: { ExactString($0) == ExactString(name) }) else { return nil }
            if !kept.contains(name) { kept.append(name) }
        }
        return [Self.first] + kept + [Self.last]
    }

    /// The permitted form of a startup parameter's value.
    func permitted(startupValue value: String) -> String? {
        guard let names = value == "\"\"" ? [] : NamePath.parseList(value), let path = permitted(names) else {
            return nil
        }
        return Self.text(of: path.dropFirst().dropLast())
    }

    /// The statement that sets a permitted path.
    static func statement(settingTo path: [String], isLocal: Bool) -> String {
        "SET \(isLocal ? "LOCAL " : "")search_path TO \(text(of: path.dropFirst().dropLast()))"
    }

    private static func text(of schemas: some Sequence<String>) -> String {
        let quoted = schemas.map { "\"" + String($0.flatMap { $0 == "\"" ? "\"\"" : String($0) }) + "\"" }
        return ([first] + quoted + [last]).joined(separator: ", ")
    }
}
