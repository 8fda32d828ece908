/// Decodes one value of a document and notes what is wrong with it, and which keys were asked for, in a record.
struct StrictDecoder: Decoder {
    let node: TOMLNode
    let path: TOMLPath
    let record: DecodingRecord
    var userInfo: [CodingUserInfoKey: Any] = [:]

    var codingPath: [any CodingKey] { path.components.map { TOMLCodingKey($0) } }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .table(let table) = node else { throw mismatch("a table") }
        return KeyedDecodingContainer(StrictKeyedContainer<Key>(decoder: self, table: table))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = node else { throw mismatch("an array") }
        return StrictUnkeyedContainer(decoder: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        StrictSingleValueContainer(decoder: self)
    }

    /// A decoder for what a table or an array holds.
    func child(_ node: TOMLNode, at path: TOMLPath) -> StrictDecoder {
        StrictDecoder(node: node, path: path, record: record, userInfo: userInfo)
    }

    /// Decodes this value. What is wrong is on record when this returns a placeholder or throws.
    func value<Value: Decodable>(_ type: Value.Type) throws(Recorded) -> Value {
        record.visit(node, at: path)
        if let type = type as? any TOMLLeaf.Type, let value = leaf(type) as? Value { return value }
        do {
            return try Value(from: self)
        } catch {
            record.note(error, thrownAt: path, by: type, found: node)
            guard let placeholder = Placeholder.make(type) else { throw Recorded() }
            return placeholder
        }
    }

    private func leaf<Leaf: TOMLLeaf>(_ type: Leaf.Type) -> Leaf {
        switch type.read(node) {
        case .value(let value): return value
        case .wrongKind:
            record.note("found \(node.kind), needs \(type.kind); write \(path.assignment)\(type.example)", at: path)
        case .invalid(let message): record.note(message, at: path)
        }
        return type.placeholder
    }

    private func mismatch(_ kind: String) -> Recorded {
        let remedy =
            switch (node, kind, path.components.last) {
            case (.table, "an array", .key): "; write [[\(path)]]"
            case (_, "an array", .key): "; write \(path.assignment)[…]"
            case (_, "a table", .key): "; write [\(path)] and its keys in the lines below"
            default: ""
            }
        record.note("found \(node.kind), needs \(kind)\(remedy)", at: path)
        return Recorded()
    }
}

/// Thrown when a value cannot be decoded and the reason is on record already.
struct Recorded: Error {}
