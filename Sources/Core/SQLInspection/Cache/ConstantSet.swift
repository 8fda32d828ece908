/// A set of a template's constants, by index.
///
/// Facts that stand for one text only may have more constants than fit; theirs need no set, since whatever was found
/// out about them holds for that text whichever constants it rests on. Such indices are ignored.
public struct ConstantSet: Sendable, Hashable {
    /// Bit `i` stands for constant `i`.
    public private(set) var bits: UInt64

    /// The empty set.
    public init() { bits = 0 }

    /// Whether no constant is in the set.
    public var isEmpty: Bool { bits == 0 }

    /// Whether constant `index` is in the set.
    public func contains(_ index: Int) -> Bool { bits & bit(index) != 0 }

    /// Adds constant `index`.
    public mutating func insert(_ index: Int) { bits |= bit(index) }

    /// Adds the constants of another set.
    public mutating func formUnion(_ other: ConstantSet) { bits |= other.bits }

    private func bit(_ index: Int) -> UInt64 { 0..<UInt64.bitWidth ~= index ? 1 << UInt64(index) : 0 }
}
