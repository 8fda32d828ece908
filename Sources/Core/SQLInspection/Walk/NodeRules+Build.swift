import CPgQuery

/// The rules, split by theme.
enum NodeRules {
    static let all: [NodeRule] = queries + expressions + values + utility + definition + analysis

    static func node<Root>(
        _ type: Root.Type,
        _ tag: NodeTag,
        _ name: Swift.String,
        _ handler: NodeHandler = .none,
        _ fields: [TypedField<Root>] = []
    ) -> NodeRule {
        NodeRule(name: name, tag: Int(tag.rawValue), body: .walk(handler, fields.map(\.field)))
    }

    static func refused(_ tag: NodeTag, _ name: Swift.String, _ reason: Swift.String) -> NodeRule {
        NodeRule(name: name, tag: Int(tag.rawValue), body: .refused(reason))
    }
}

/// A field named by a key path, so that the compiler checks that it exists.
struct TypedField<Root> {
    let field: NodeRule.Field

    init<Value>(_ name: Swift.String, _ path: KeyPath<Root, Value>, _ rule: FieldRule) {
        guard let offset = MemoryLayout<Root>.offset(of: path) else {
            preconditionFailure("\(name) is a stored field of \(Root.self)")
        }
        field = NodeRule.Field(name: name, offset: offset, size: MemoryLayout<Value>.size, rule: rule)
    }
}
