/// An array. When an element cannot be decoded, the ones after it are looked at too before that ends the array.
struct StrictUnkeyedContainer: UnkeyedDecodingContainer {
    private let decoder: StrictDecoder
    private let elements: [TOMLNode]
    private(set) var currentIndex = 0

    init(decoder: StrictDecoder, elements: [TOMLNode]) {
        self.decoder = decoder
        self.elements = elements
        decoder.record.read(upTo: elements.count, at: decoder.path)
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    /// TOML has no null.
    mutating func decodeNil() -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let element = try next()
        do {
            return try element.value(type)
        } catch {
            while !isAtEnd { _ = try? next().value(type) }
            throw error
        }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try next() }

    private mutating func next() throws(Recorded) -> StrictDecoder {
        guard !isAtEnd else {
            decoder.record.note("has too few elements; add more", at: decoder.path)
            throw Recorded()
        }
        defer {
            currentIndex += 1
            decoder.record.read(upTo: elements.count - currentIndex, at: decoder.path)
        }
        return decoder.child(elements[currentIndex], at: decoder.path + currentIndex)
    }
}
