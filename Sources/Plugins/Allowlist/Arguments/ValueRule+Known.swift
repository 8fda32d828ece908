extension ValueRule {
    /// Why an argument's value is refused, nil when it passes.
    ///
    /// - Parameter path: how the message calls the argument: `argument kwargs`.
    func problem(with value: KnownValue, at path: String) -> String? {
        if isUnpoliced { return nil }
        switch value {
        case .null: return allowsNull ? nil : "\(path) must not be NULL"
        case .array(let elements): return problem(withElements: elements, at: path)
        case .boolean: return isBoolean && !isArray ? nil : refusal(path)
        case .text(let text, let reading):
            if isArray { return problem(withArrayLiteral: text, reading, at: path) }
            return problem(with: text, reading, at: path)
        }
    }

    private func problem(withElements elements: [KnownValue], at path: String) -> String? {
        guard isArray else { return "\(path) must not be an array" }
        guard elements.count <= maxElements else { return "\(path) has more than \(maxElements) elements" }
        return elements.lazy.compactMap { element.problem(with: $0, at: path) }.first
    }

    private func problem(withArrayLiteral text: String, _ reading: KnownValue.Reading, at path: String) -> String? {
        if reading == .json { return "\(path) is not an array of the kind that is allowed" }
        guard let elements = ArrayLiteral.read(text) else { return "\(path) is not a plain array" }
        return problem(withElements: elements.map { $0.map { .text($0, as: reading) } ?? .null }, at: path)
    }

    private func problem(with text: String, _ reading: KnownValue.Reading, at path: String) -> String? {
        if text.utf8.count > maxBytes { return "\(path) is longer than \(maxBytes) bytes" }
        if let object, reading != .converted, reading == .json || self.text == nil || Self.beginsObject(text) {
            return problem(withJSON: text, keys: object, at: path)
        }
        if reading == .json { return refusal(path) }
        if number?.admits(text) == true { return nil }
        if reading != .converted, self.text?.admits(text) == true { return nil }
        return isBoolean && ["t", "f", "true", "false"].contains(text) ? nil : refusal(path)
    }

    /// A rule that admits both texts and objects reads what begins with a brace as an object, even where the server
    /// might take it as text: then it is an odd text made of admitted keys and values, and no admitted text.
    private static func beginsObject(_ text: String) -> Bool {
        text.utf8.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D } == UInt8(ascii: "{")
    }

    private func problem(withJSON text: String, keys: [ExactString: ValueRule], at path: String) -> String? {
        do throws(JSONReader.Problem) {
            let json = try JSONReader.read(text)
            guard case .object = json else { return "\(path) is not a JSON object" }
            return problem(with: json, at: path)
        } catch {
            return "\(path) \(error.rawValue)"
        }
    }
}
