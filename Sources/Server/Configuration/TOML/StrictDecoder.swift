/// Decodes one value of a document and notes what is wrong with it, and which keys were asked for, in a record.
struct StrictDecoder: Decoder {
    let node: TOMLNode
    let path: TOMLPath
    let record: DecodingRecord
    var userInfo: [CodingUserInfoKey: Any] = [:]

    var codingPath: [any CodingKey] { path.components.map { TOMLCodingKey($0) } }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .table(let table) = node else { throw mismatch([String: Any].self, "a table", tableRemedy) }
        return KeyedDecodingContainer(StrictKeyedContainer<Key>(decoder: self, table: table))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = node else { throw mismatch([Any].self, "an array", arrayRemedy) }
        return StrictUnkeyedContainer(decoder: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        StrictSingleValueContainer(decoder: self)
    }

    private var tableRemedy: String {
        guard case .key = path.components.last else { return "" }
        return "; write [\(path)] and its keys in the lines below"
    }

    private var arrayRemedy: String {
        guard case .key = path.components.last else { return "" }
        if case .table = node { return "; write [[\(path)]]" }
        return "; write \(path.assignment)[…]"
    }

    /// A decoder for what a table or an array holds.
    func child(_ node: TOMLNode, at path: TOMLPath) -> StrictDecoder {
        StrictDecoder(node: node, path: path, record: record, userInfo: userInfo)
    }

    /// Decodes this value. What is wrong is on record when this returns a placeholder or throws.
    func value<Value: Decodable>(_ type: Value.Type) throws(Recorded) -> Value {
        do {
            return try attempt(type)
        } catch {
            record.note(error, thrownAt: path, by: type, found: node)
            guard let placeholder = Placeholder.make(type) else { throw Recorded() }
            return placeholder
        }
    }

    /// Decodes this value and notes nothing about itself, so that a type may try one form after another.
    func attempt<Value: Decodable>(_ type: Value.Type) throws -> Value {
        record.visit(node, at: path)
        if let type = leafType(type), let value = try leaf(type) as? Value { return value }
        return try Value(from: self)
    }

    private func leaf<Leaf: TOMLLeaf>(_ type: Leaf.Type) throws(DecodingError) -> Leaf {
        switch type.read(node) {
        case .value(let value): return value
        case .wrongKind:
            throw mismatch(type, type.kind, "; write \(path.assignment)\(unquoted(for: type) ?? type.example)")
        case .invalid(let message):
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: message))
        }
    }

    /// The number that was put in quotes where a number without them is needed.
    private func unquoted(for type: any TOMLLeaf.Type) -> String? {
        guard type is any Numeric.Type, case .string(let text) = node, let number = Int64(text) else { return nil }
        return String(number)
    }

    private func mismatch(_ type: Any.Type, _ kind: String, _ remedy: String) -> DecodingError {
        let message = "found \(node.kind), needs \(kind)\(remedy)"
        return DecodingError.typeMismatch(type, .init(codingPath: codingPath, debugDescription: message))
    }
}

/// Thrown when a value cannot be decoded and the reason is on record already.
struct Recorded: Error {}
