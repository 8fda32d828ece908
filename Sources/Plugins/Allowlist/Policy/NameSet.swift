/// Schema-qualified names, and whole schemas.
struct NameSet {
    private var names: [ExactString: Set<ExactString>] = [:]
    private var schemas: Set<ExactString> = []

    mutating func insert(_ name: ListedName) {
        switch name {
        case .one(let schema, let name): names[ExactString(schema), default: []].insert(ExactString(name))
        case .schema(let schema): schemas.insert(ExactString(schema))
        }
    }

    mutating func remove(schema: String, name: String) {
        names[ExactString(schema)]?.remove(ExactString(name))
    }

    /// Whether the name itself is listed.
    func lists(schema: String, name: String) -> Bool {
        names[ExactString(schema)]?.contains(ExactString(name)) ?? false
    }

    /// Whether the name or its whole schema is listed.
    func contains(schema: String, name: String) -> Bool {
        lists(schema: schema, name: name) || schemas.contains(ExactString(schema))
    }
}

/// A name as a policy file lists it.
enum ListedName: Equatable {
    case one(schema: String, name: String)
    /// `schema.*`.
    case schema(String)

    /// Reads `schema.name` or `schema.*`; nil when the text is neither.
    init?(_ text: String) {
        if text.hasSuffix(".*") {
            guard let parts = NamePath.parse(String(text.dropLast(2))), parts.count == 1 else { return nil }
            self = .schema(parts[0])
        } else {
            guard let parts = NamePath.parse(text), parts.count == 2 else { return nil }
            self = .one(schema: parts[0], name: parts[1])
        }
    }

    /// Reads `schema.operator`; nil when the text is not one.
    init?(operator text: String) {
        guard let dot = text.firstIndex(of: "."), let schema = NamePath.parse(String(text[..<dot])), schema.count == 1
        else { return nil }
        let symbol = text[text.index(after: dot)...]
        guard !symbol.isEmpty, symbol.utf8.allSatisfy("+-*/<>=~!@#%^&|`?".utf8.contains) else { return nil }
        self = .one(schema: schema[0], name: String(symbol))
    }
}
