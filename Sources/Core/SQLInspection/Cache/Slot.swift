/// A plain literal that the template lexer cut out of a text.
struct Slot: Sendable, Hashable {
    /// What of a literal is part of the template: each raw value is the byte that stands for the literal in the key.
    /// Control bytes never occur in a key otherwise, so keys are unambiguous.
    enum Class: UInt8, Sendable, Hashable {
        case string = 1
        /// An integer that fits int4.
        case int4 = 2
        /// An integer that fits int8, not int4.
        case int8 = 3
        /// An integer beyond int8: numeric.
        case wideInteger = 4
        case decimal = 5

        /// The kind that PostgreSQL's lexer gives such a literal.
        var constantKind: Constant.Kind {
            switch self {
            case .string: .string
            case .int4: .integer
            case .int8, .wideInteger, .decimal: .decimal
            }
        }
    }

    let kind: Class
    /// The literal's first byte, its quote if it has one.
    let start: Int
    /// The byte after its last.
    let end: Int

    var range: Range<Int> { start..<end }
}
