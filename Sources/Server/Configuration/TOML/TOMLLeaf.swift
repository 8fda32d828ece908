/// A type that a single TOML value is decoded to, with the words an error about it needs.
protocol TOMLLeaf {
    /// What the file must hold: `a string`.
    static var kind: String { get }
    /// What an operator would write: `"…"`.
    static var example: String { get }
    /// What stands in for a value that cannot be decoded until the pass has found the other errors.
    static var placeholder: Self { get }

    static func read(_ node: TOMLNode) -> LeafReading<Self>
}

/// The leaf that a type is, if it is one.
///
/// Not inlined: Swift 6.3.1's optimizer crashes on this cast once it knows the type (SILCombine, `attempt<String>`).
@inline(never)
func leafType(_ type: Any.Type) -> (any TOMLLeaf.Type)? {
    type as? any TOMLLeaf.Type
}

/// What came of reading a leaf.
enum LeafReading<Value> {
    case value(Value)
    /// The value is of another TOML type.
    case wrongKind
    /// The value is of the right type and says something that makes no sense, in these words.
    case invalid(String)
}

extension String: TOMLLeaf {
    static var kind: String { "a string" }
    static var example: String { "\"…\"" }
    static var placeholder: String { "" }

    static func read(_ node: TOMLNode) -> LeafReading<String> {
        if case .string(let text) = node { .value(text) } else { .wrongKind }
    }
}

extension Bool: TOMLLeaf {
    static var kind: String { "a boolean" }
    static var example: String { "true or false" }
    static var placeholder: Bool { false }

    static func read(_ node: TOMLNode) -> LeafReading<Bool> {
        if case .boolean(let value) = node { .value(value) } else { .wrongKind }
    }
}

extension TOMLLeaf where Self: FixedWidthInteger {
    static var kind: String { "an integer" }
    static var example: String { "1" }
    static var placeholder: Self { 0 }

    static func read(_ node: TOMLNode) -> LeafReading<Self> {
        guard case .integer(let value) = node else { return .wrongKind }
        if let fitting = Self(exactly: value) { return .value(fitting) }
        return .invalid("\(value) is out of range; write an integer from \(Self.min) to \(Self.max)")
    }
}

extension Int: TOMLLeaf {}
extension Int8: TOMLLeaf {}
extension Int16: TOMLLeaf {}
extension Int32: TOMLLeaf {}
extension Int64: TOMLLeaf {}
extension UInt: TOMLLeaf {}
extension UInt8: TOMLLeaf {}
extension UInt16: TOMLLeaf {}
extension UInt32: TOMLLeaf {}
extension UInt64: TOMLLeaf {}

extension TOMLLeaf where Self: BinaryFloatingPoint {
    static var kind: String { "a number" }
    static var example: String { "1.0" }
    static var placeholder: Self { 0 }

    /// An integer is a number too; `nan` and `inf` are no measure of anything.
    static func read(_ node: TOMLNode) -> LeafReading<Self> {
        switch node {
        case .integer(let value): .value(Self(value))
        case .float(let value): value.isFinite ? .value(Self(value)) : .invalid("is not finite; write 1.0")
        default: .wrongKind
        }
    }
}

extension Double: TOMLLeaf {}
extension Float: TOMLLeaf {}
