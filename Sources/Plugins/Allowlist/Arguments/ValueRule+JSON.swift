extension ValueRule {
    /// Why a value within JSON is refused, nil when it passes.
    ///
    /// - Parameter path: where the value stands, for the message: `argument kwargs`.
    func problem(with json: JSONValue, at path: String) -> String? {
        if isUnpoliced { return nil }
        if isArray, json != .null {
            guard case .array(let elements) = json else { return "\(path) is not an array" }
            guard elements.count <= maxElements else { return "\(path) has more than \(maxElements) elements" }
            return elements.lazy.compactMap { element.problem(with: $0, at: path) }.first
        }
        switch json {
        case .null: return allowsNull ? nil : "\(path) must not be null"
        case .boolean: return isBoolean ? nil : refusal(path)
        case .number(let spelling): return number?.admits(spelling) == true ? nil : refusal(path)
        case .string(let string):
            if string.utf8.count > maxBytes { return "\(path) is longer than \(maxBytes) bytes" }
            return text?.admits(string) == true ? nil : refusal(path)
        case .array: return "\(path) must not be an array"
        case .object(let members):
            guard let object else { return "\(path) must not be an object" }
            return problem(with: members, keys: object, at: path)
        }
    }

    private func problem(with members: [JSONValue.Member], keys: [ExactString: ValueRule], at path: String) -> String? {
        for member in members {
            let key = Quoted.name(member.key)
            guard let rule = keys[ExactString(member.key)] else { return "\(path) must not have the key \(key)" }
            if let problem = rule.problem(with: member.value, at: "key \(key) of \(path)") { return problem }
        }
        return nil
    }

    /// The value has a form or a content that is not listed. It is not shown: it may be a secret put in the wrong place.
    func refusal(_ path: String) -> String {
        "\(path) has a value that is not allowed"
    }
}
