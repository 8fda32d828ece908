import PluginAPI

/// Makes call rules out of what a file says.
struct CallRuleReader {
    let file: PolicyFile
    let lists: ValueLists

    func rule(from call: CallConfiguration, at key: [String]) throws -> CallRule {
        let arguments = call.arguments ?? []
        var names: Set<ExactString> = []
        var parameters: [CallRule.Parameter] = []
        for (index, argument) in arguments.enumerated() {
            let key = key + ["arguments", String(index)]
            guard let name = argument.name, !name.isEmpty else {
                throw file.error(at: key, "needs a `name`: the argument's own")
            }
            if argument.variadic == true && index != arguments.count - 1 {
                throw file.error(at: key + ["variadic"], "only the last argument can be variadic")
            }
            for name in [name] + (argument.aliases ?? []) {
                guard names.insert(ExactString(name)).inserted else {
                    throw file.error(at: key, "another argument is called \(name) already")
                }
            }
            var rule = try valueRule(from: argument, at: key)
            rule.allowsNull = rule.allowsNull || call.strict == true
            parameters.append(
                .init(
                    name: ExactString(name),
                    aliases: (argument.aliases ?? []).map { ExactString($0) },
                    rule: rule
                )
            )
        }
        let isVariadic = arguments.last?.variadic == true
        let lists = arguments.reduce(into: Set<String>()) { $0.formUnion($1.listsNamed) }
        return CallRule(
            parameters: parameters,
            isVariadic: isVariadic,
            lists: lists.map { String($0.dropFirst()) }.sorted()
        )
    }

    private func valueRule(from value: ValueConfiguration, at key: [String]) throws -> ValueRule {
        try checkCombination(value, at: key)
        if value.type == .any || (value.type == nil && value.values == nil && value.keys == nil) {
            return .any
        }
        var rule = ValueRule()
        if value.values != nil || value.type == .text || value.type == .model {
            rule.text = ValueRule.Text(patterns: try patterns(of: value, at: key))
        }
        if value.type == .integer || value.type == .number {
            let (low, high) = (value.min ?? -Double.greatestFiniteMagnitude, value.max ?? .greatestFiniteMagnitude)
            guard low <= high else { throw file.error(at: key + ["min"], "is greater than max") }
            rule.number = ValueRule.Number(range: low...high, isInteger: value.type == .integer)
        }
        rule.isBoolean = value.type == .boolean
        rule.isRelation = value.type == .relation
        if value.keys != nil || value.type == .object {
            rule.object = [:]
            for (name, configuration) in value.keys ?? [:] {
                rule.object?[ExactString(name)] = try keyRule(from: configuration, at: key + ["keys", name])
            }
        }
        rule.maxBytes = value.maxBytes ?? .max
        rule.isArray = value.array == true
        rule.maxElements = value.maxElements ?? .max
        rule.allowsNull = value.null == true
        rule.allowsNullElements = value.null == true
        rule.allowsComputed = value.computed == true
        return rule
    }

    private func keyRule(from value: ValueConfiguration, at key: [String]) throws -> ValueRule {
        guard value.name == nil, value.aliases == nil, value.variadic == nil, value.computed == nil else {
            throw file.error(at: key, "`name`, `aliases`, `variadic` and `computed` are for arguments only")
        }
        guard value.type != nil || value.values != nil || value.keys != nil else {
            throw file.error(at: key, "needs a `type`, `values` or `keys`")
        }
        guard value.type != .relation else { throw file.error(at: key + ["type"], "is for arguments only") }
        return try valueRule(from: value, at: key)
    }

    private func patterns(of value: ValueConfiguration, at key: [String]) throws -> [Pattern] {
        let values = try lists.expand(value.values ?? []) {
            file.error(at: key + ["values"], "no list is called \($0)")
        }
        if value.values != nil && values.isEmpty {
            throw file.error(at: key + ["values"], "is empty: nothing could ever pass")
        }
        if value.type == .model && value.values == nil {
            throw file.error(at: key, "a model needs `values`: which ones")
        }
        return values.map { Pattern($0, isModel: value.type == .model) }
    }

    private func checkCombination(_ value: ValueConfiguration, at key: [String]) throws {
        let isNumber = value.type == .integer || value.type == .number
        if (value.min != nil || value.max != nil) && !isNumber {
            throw file.error(at: key, "`min` and `max` need type = \"integer\" or \"number\"")
        }
        if value.values != nil, let type = value.type, ![.text, .model, .object].contains(type) {
            throw file.error(at: key + ["values"], "are for type = \"text\" and \"model\"")
        }
        if value.keys != nil, let type = value.type, ![.text, .model, .object].contains(type) {
            throw file.error(at: key + ["keys"], "are for JSON objects, not for type = \"\(type.rawValue)\"")
        }
        if value.maxBytes != nil && value.type != .text && value.values == nil && value.keys == nil {
            throw file.error(at: key + ["max_bytes"], "needs type = \"text\"")
        }
        if value.maxElements != nil && value.array != true {
            throw file.error(at: key + ["max_elements"], "needs array = true")
        }
        if value.array == true && (value.type == nil || value.type == .any) && value.values == nil && value.keys == nil
        {
            throw file.error(at: key + ["array"], "needs a `type`, `values` or `keys` for its elements")
        }
    }
}
