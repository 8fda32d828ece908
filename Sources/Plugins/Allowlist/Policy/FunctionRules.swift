import PluginAPI
import SQLInspection

/// Which functions may be called, and with which arguments.
struct FunctionRules {
    let resolution: NameResolution
    /// Functions that may be called with any arguments.
    let allowed: NameSet
    /// Functions that a profile brings and the policy took away, for the hint of a denial.
    let excepted: NameSet
    /// Rules by `schema`, then name: one of a function's rules must admit the call.
    let rules: [ExactString: [ExactString: [CallRule]]]
    let relations: RelationRules

    /// What the rules say of all calls together.
    enum Outcome {
        case admitted
        case pending(Set<Int>)
        case denied(Denial)
    }

    func judge<Source: ArgumentSource & ~Copyable>(
        _ facts: StatementFacts,
        from source: borrowing Source,
        database: String
    ) -> Outcome {
        var pending: Set<Int> = []
        let ambiguous = ambiguousParameters(of: facts)
        for call in facts.calls {
            switch judge(call, of: facts, from: source, database: database, ambiguous: ambiguous) {
            case .admitted: continue
            case .pending(let parameters): pending.formUnion(parameters)
            case .denied(let denial): return .denied(denial)
            }
        }
        return pending.isEmpty ? .admitted : .pending(pending)
    }

    /// Judges `f(x)` written as `x.f`: nobody sees what x is.
    func admitsCall(of name: QualifiedName, inFactsOf facts: StatementFacts) -> Bool {
        let call = FunctionCall(name: name, place: .other, arguments: [Argument(value: .other)])
        if case .admitted = judge(call, of: facts, from: NoValues(), database: "", ambiguous: []) { return true }
        return false
    }

    /// Parameters that stand, and not as `$n::text`, elsewhere than in arguments of one function with rules.
    ///
    /// The server infers a parameter's type where it meets it first: `SELECT $1::"char", f($1)` calls f with the first
    /// letter of what a rule would read. A function's own arguments cannot have it changed.
    private func ambiguousParameters(of facts: StatementFacts) -> Set<Int> {
        var ambiguous: Set<Int> = []
        for (number, uses) in facts.repeatedParameters {
            var plainUses: [QualifiedName: Int] = [:]
            for call in facts.calls {
                let schemas = call.name.schema.map { [$0] } ?? resolution.schemas
                guard schemas.contains(where: { hasRule(schema: $0, name: call.name.name) }) else { continue }
                for argument in call.arguments {
                    plainUses[call.name, default: 0] += argument.value.plainUses(of: number)
                }
            }
            if !plainUses.values.contains(uses) { ambiguous.insert(number) }
        }
        return ambiguous
    }

    func hasRule(schema: String, name: String) -> Bool {
        rules[ExactString(schema)]?[ExactString(name)] != nil
    }

    private func judge<Source: ArgumentSource & ~Copyable>(
        _ call: FunctionCall,
        of facts: StatementFacts,
        from source: borrowing Source,
        database: String,
        ambiguous: Set<Int>
    ) -> Outcome {
        // A call by a type's name is a cast: `regproc('now')`.
        let isBuiltIn: (String) -> Bool = {
            Catalog.functions.contains(ExactString($0)) || Catalog.types.contains(ExactString($0))
        }
        switch resolution.meaning(of: call.name, database: database, isBuiltIn: isBuiltIn) {
        case .foreign: return .denied(denial(call, "is in another database", hint: "Connect to that database."))
        case .nowhere:
            let hint = "Write it with its schema, or list the schema in `schemas`."
            return .denied(denial(call, "is not allowed without its schema", hint: hint))
        case .schemas(var schemas):
            if call.name.schema == nil, schemas == [Catalog.schema] {
                // An overload in a listed schema may fit better than pg_catalog's: its rule has its say too.
                schemas += resolution.schemas.filter { hasRule(schema: $0, name: call.name.name) }
            }
            return judge(call, in: schemas, of: facts, from: source, database: database, ambiguous: ambiguous)
        }
    }

    /// Every schema in which the function may be found must admit the call.
    private func judge<Source: ArgumentSource & ~Copyable>(
        _ call: FunctionCall,
        in schemas: [String],
        of facts: StatementFacts,
        from source: borrowing Source,
        database: String,
        ambiguous: Set<Int>
    ) -> Outcome {
        var pending: Set<Int> = []
        for schema in schemas {
            guard let rules = rules[ExactString(schema)]?[ExactString(call.name.name)] else {
                if allowed.contains(schema: schema, name: call.name.name) { continue }
                let isExcepted = excepted.lists(schema: schema, name: call.name.name)
                let remedy =
                    isExcepted
                    ? "Take \(schema).\(call.name.name) out of `except`"
                    : "Add \(schema).\(call.name.name) to `functions`"
                let hint = "\(remedy), if this client may call it."
                return .denied(denial(call, "is not allowed", hint: hint))
            }
            let outcomes = rules.map {
                $0.judge(
                    call,
                    of: facts,
                    from: source,
                    relations: relations,
                    database: database,
                    ambiguous: ambiguous
                )
            }
            if outcomes.contains(.admitted) { continue }
            let awaited = outcomes.reduce(into: Set<Int>()) { if case .pending(let more) = $1 { $0.formUnion(more) } }
            if awaited.isEmpty { return .denied(denial(call, of: schema, rules, outcomes)) }
            pending.formUnion(awaited)
        }
        return pending.isEmpty ? .admitted : .pending(pending)
    }

    private func denial(_ call: FunctionCall, _ what: String, hint: String) -> Denial {
        Denial(
            "function \(call.name) \(what)",
            rule: "functions",
            hint: hint,
            offset: call.offset < 0 ? nil : call.offset
        )
    }

    private func denial(
        _ call: FunctionCall,
        of schema: String,
        _ rules: [CallRule],
        _ outcomes: [CallRule.Outcome]
    ) -> Denial {
        let lists = Set(rules.flatMap(\.lists)).sorted().joined(separator: ", ")
        let orList = lists.isEmpty ? "" : " or what it takes from `[lists]` (\(lists))"
        var problems: [String] = []
        for case .refused(let problem) in outcomes where !problems.contains(problem) { problems.append(problem) }
        return Denial(
            "function \(call.name) is not allowed with these arguments: \(problems.joined(separator: "; or "))",
            rule: "calls: \(schema).\(call.name.name)",
            hint: "Change the [[calls]] rule of \(schema).\(call.name.name)\(orList), if this client may call it so.",
            offset: call.offset < 0 ? nil : call.offset
        )
    }
}

/// For calls none of whose arguments is known.
private struct NoValues: ArgumentSource {
    func value(ofConstant index: Int) -> String { "" }
    func arrived(parameter number: Int) -> ParameterValue? { .unknown }
}
