import SQLInspection

/// One statement as plugins see it, and what they said to it.
struct ExplainedStatement: Encodable {
    let text: String
    let kinds: [String]
    let calls: [Call]
    let relations: [Relation]
    let operators: [String]
    let types: [String]
    let attributes: [String]
    let settings: [String]
    let parameters: Int
    let writes: Bool
    /// Why the gateway cannot answer for the statement.
    let undecided: String?
    let plugins: [Explanation.Said]

    struct Call: Encodable {
        let function: String
        /// Where in the statement it stands.
        let place: String
        let arguments: [String]
    }

    struct Relation: Encodable {
        let name: String
        let access: String
    }

    init(_ statement: ParsedStatement, text: String, said: [Explanation.Said]) {
        let facts = statement.facts
        self.text = text
        kinds = facts.kinds.map(\.rawValue)
        calls = facts.calls.map { call in
            Call(
                function: call.name.description,
                place: call.place.rawValue,
                arguments: call.hasStar ? ["*"] : call.arguments.map { Self.words(for: $0, facts) }
            )
        }
        relations = facts.relations.map { Relation(name: $0.name.description, access: $0.access.rawValue) }
        operators = facts.operators.map(\.description)
        types = facts.types.map { $0.name.description + ($0.isArray ? "[]" : "") }
        attributes = facts.attributes.map(\.name)
        settings = facts.settings.map { $0.name.isEmpty ? "all" : $0.name }
        parameters = facts.parameterCount
        writes = facts.writes
        undecided = facts.undecided?.description
        plugins = said
    }

    /// Parameters that some plugin wants to see.
    var wantedParameters: [Int] { plugins.flatMap { $0.wantsParameters ?? [] } }

    private static func words(for argument: Argument, _ facts: StatementFacts) -> String {
        let value = words(for: argument.value, facts)
        return argument.name.map { "\($0) => \(value)" } ?? value
    }

    private static func words(for value: ArgumentValue, _ facts: StatementFacts) -> String {
        switch value {
        case .constant(let index):
            switch facts.constants[index].kind {
            case .string, .bitString: "'\(facts.constants[index].value.replacing("'", with: "''"))'"
            case .integer, .decimal: facts.constants[index].value
            }
        case .parameter(let number): "$\(number)"
        case .null: "NULL"
        case .boolean(let value): value ? "true" : "false"
        case .array(let elements): "ARRAY[\(elements.map { words(for: $0, facts) }.joined(separator: ", "))]"
        case .cast(let value, let type): "\(words(for: value, facts))::\(type.name)\(type.isArray ? "[]" : "")"
        case .other: "…"
        }
    }
}
