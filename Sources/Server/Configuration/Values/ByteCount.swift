/// An amount of bytes: `"64KiB"`, `"1MiB"`, `"512B"` in a file.
package struct ByteCount: Sendable, Hashable, Comparable {
    package let bytes: Int

    package init(bytes: Int) {
        self.bytes = bytes
    }

    package static func kibibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 10) }
    package static func mebibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 20) }

    package static func < (one: ByteCount, other: ByteCount) -> Bool { one.bytes < other.bytes }

    /// Reads a whole number with a unit behind it; nil for anything else. Only binary units, so that nobody has to
    /// guess which kind of kilobyte is meant.
    init?(_ text: String) {
        let units: [(String, Int)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)]
        guard let quantity = Quantity(text) else { return nil }
        guard let unit = units.first(where: { $0.0 == quantity.unit }) else { return nil }
        let (bytes, overflows) = quantity.number.multipliedReportingOverflow(by: unit.1)
        if overflows { return nil }
        self.bytes = bytes
    }
}

extension ByteCount: CustomStringConvertible {
    /// In the largest unit that divides it: `1MiB`.
    package var description: String {
        let units: [(String, Int)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        guard bytes > 0, let unit = units.first(where: { bytes % $0.1 == 0 }) else { return "\(bytes)B" }
        return "\(bytes / unit.1)\(unit.0)"
    }
}

extension ByteCount: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let count = ByteCount(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not an amount of bytes")
        }
        self = count
    }
}

extension ByteCount: TOMLLeaf {
    static var kind: String { "an amount of bytes" }
    static var example: String { "\"64KiB\"" }
    static var placeholder: ByteCount { ByteCount(bytes: 0) }

    static func read(_ node: TOMLNode) -> LeafReading<ByteCount> {
        switch node {
        case .integer(let number): return .invalid("\(number) has no unit; write \"\(number)B\" or \"64KiB\"")
        case .string(let text):
            if let count = ByteCount(text) { return .value(count) }
            let remedy = "write a whole number and B, KiB, MiB or GiB: \"64KiB\""
            return .invalid("\"\(text)\" is not an amount of bytes; \(remedy)")
        default: return .wrongKind
        }
    }
}
