/// A table that remembers which of its keys were asked for.
struct StrictKeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let decoder: StrictDecoder
    private let table: [String: TOMLNode]

    init(decoder: StrictDecoder, table: [String: TOMLNode]) {
        self.decoder = decoder
        self.table = table
        decoder.record.visit(decoder.node, at: decoder.path)
        if takesAnyKey { return }
        decoder.record.accept(table.keys.filter { Key(stringValue: $0) != nil }, at: decoder.path)
    }

    var codingPath: [any CodingKey] { decoder.codingPath }

    var allKeys: [Key] {
        table.keys.sorted().compactMap { name in
            guard let key = Key(stringValue: name) else { return nil }
            decoder.record.ask(name, at: decoder.path)
            return key
        }
    }

    func contains(_ key: Key) -> Bool {
        decoder.record.ask(key.stringValue, at: decoder.path)
        return table[key.stringValue] != nil
    }

    /// Whether this is a dictionary, or something like it.
    private var takesAnyKey: Bool { Key(stringValue: "\u{1}") != nil }

    /// TOML has no null.
    func decodeNil(forKey key: Key) -> Bool { !contains(key) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        if let child = child(key) {
            do {
                return try child.value(type)
            } catch {
                // It ends the dictionary; what is wrong with its other values should be known before.
                if takesAnyKey { table.forEach { _ = try? decoder.child($1, at: decoder.path + $0).value(type) } }
                throw error
            }
        }
        let path = decoder.path + key.stringValue
        let example = leafType(type).map { "; write \(path.assignment)\($0.example)" } ?? ""
        decoder.record.note("is missing\(example)", at: path)
        guard let placeholder = Placeholder.make(type) else { throw Recorded() }
        return placeholder
    }

    /// A value that cannot be decoded counts as absent, so that the keys after it are looked at too.
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try? child(key)?.value(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try required(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try required(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }

    func superDecoder(forKey key: Key) throws -> any Decoder { try required(key) }

    private func child(_ key: Key) -> StrictDecoder? {
        decoder.record.ask(key.stringValue, at: decoder.path)
        return table[key.stringValue].map { decoder.child($0, at: decoder.path + key.stringValue) }
    }

    private func required(_ key: Key) throws(Recorded) -> StrictDecoder {
        if let child = child(key) { return child }
        decoder.record.note("is missing", at: decoder.path + key.stringValue)
        throw Recorded()
    }
}
