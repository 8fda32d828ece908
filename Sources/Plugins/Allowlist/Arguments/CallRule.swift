import PluginAPI
import SQLInspection

/// A function that may be called when its arguments pass.
struct CallRule {
    struct Parameter {
        let name: ExactString
        let aliases: [ExactString]
        let rule: ValueRule
    }

    /// What a rule says of one call.
    enum Outcome: Equatable {
        case admitted
        /// Admitted if these parameters turn out well.
        case pending(Set<Int>)
        /// Why not, without the function's name.
        case refused(String)
    }

    let parameters: [Parameter]
    /// Whether the last parameter stands for any number of arguments.
    let isVariadic: Bool
    /// The lists that its values come from, for the hint of a denial.
    let lists: [String]

    func judge<Source: ArgumentSource & ~Copyable>(
        _ call: FunctionCall,
        of facts: StatementFacts,
        from source: borrowing Source,
        relations: RelationRules,
        database: String,
        ambiguous: Set<Int>
    ) -> Outcome {
        if call.hasStar { return .refused("it takes no *") }
        if call.isVariadic && !isVariadic { return .refused("it takes no VARIADIC") }
        var pending: Set<Int> = []
        var seen: Set<Int> = []
        for (position, argument) in call.arguments.enumerated() {
            guard let index = index(of: argument, at: position) else {
                return .refused("its rule has no argument \(argument.name.map(Quoted.name) ?? String(position + 1))")
            }
            let parameter = parameters[index]
            let path = "argument \(parameter.name.value)"
            guard seen.insert(index).inserted || isRepeatable(index) else { return .refused("\(path) is given twice") }
            var rule = parameter.rule
            if rule.isUnpoliced { continue }
            if call.isVariadic && position == call.arguments.count - 1 { rule.isArray = true }
            switch ArgumentReader.read(argument.value, of: facts, for: rule, from: source) {
            case .pending(let parameters): pending.formUnion(parameters)
            case .unknowable:
                if !rule.allowsComputed { return .refused("\(path) must be a constant or a parameter") }
            case .known where ambiguous.contains(where: { argument.value.rests(onUndeclared: $0, from: source) }):
                if rule.allowsComputed { continue }
                return .refused(
                    "\(path) is a parameter that stands elsewhere too, which may give it any type: cast it to text there"
                )
            case .known(let value):
                let problem =
                    rule.isRelation
                    ? relations.problem(withName: value, at: path, database: database)
                    : rule.problem(with: value, at: path)
                if let problem { return .refused(problem) }
            }
        }
        return pending.isEmpty ? .admitted : .pending(pending)
    }

    private func index(of argument: Argument, at position: Int) -> Int? {
        if let name = argument.name {
            let name = ExactString(name)
            return parameters.firstIndex { $0.name == name || $0.aliases.contains(name) }
        }
        if position < parameters.count { return position }
        return isVariadic ? parameters.count - 1 : nil
    }

    private func isRepeatable(_ index: Int) -> Bool {
        isVariadic && index == parameters.count - 1
    }
}

extension ArgumentValue {
    /// Whether the value is that of `$number`, and of whatever type the server infers for it.
    fileprivate func rests<Source: ArgumentSource & ~Copyable>(
        onUndeclared number: Int,
        from source: borrowing Source
    ) -> Bool {
        switch self {
        case .parameter(number):
            switch source.arrived(parameter: number) {
            case .text(_, let type), .binary(_, let type): return type == TypeOID.inferred || type == TypeOID.unknown
            case .null, .unknown, nil: return false
            }
        case .cast(let value, _): return value.rests(onUndeclared: number, from: source)
        case .array(let values):
            for value in values where value.rests(onUndeclared: number, from: source) { return true }
            return false
        case .constant, .parameter, .null, .boolean, .other: return false
        }
    }

    /// How often the value is `$number` by itself or cast to JSON, so that it gets the type of the argument or that one.
    func plainUses(of number: Int) -> Int {
        switch self {
        case .parameter(number): return 1
        case .cast(.parameter(number), let type):
            let isBuiltIn = type.name.database == nil && (type.name.schema ?? Catalog.schema) == Catalog.schema
            return isBuiltIn && ["json", "jsonb"].contains(type.name.name) && !type.isArray && !type.isSet ? 1 : 0
        case .cast(let value, _): return value.plainUses(of: number)
        case .array, .constant, .parameter, .null, .boolean, .other: return 0
        }
    }
}
