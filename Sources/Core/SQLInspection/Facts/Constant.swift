/// A literal in the text.
public struct Constant: Sendable, Hashable {
    /// Which of the lexer's kinds of literals it is.
    public enum Kind: Sendable, Hashable {
        case string
        /// An integer that fits int4.
        case integer
        /// A decimal, or an integer beyond int4.
        case decimal
        /// `B'…'` and `X'…'`.
        case bitString
    }

    /// The kind of literal.
    public let kind: Kind
    /// The value as PostgreSQL's lexer read it: escapes resolved, quotes gone, a folded sign in front.
    public let value: String
    /// Byte offset of the literal's first byte (of its sign, where the grammar folded one in); -1 when unknown.
    public let offset: Int
    /// Why facts or meaning depend on the literal's value, nil where any other literal of its kind would do as well
    /// (see `TemplateAdmission`).
    public let fixed: FixedReason?
    /// Whether facts are the same whatever the literal's value is.
    public var isInterchangeable: Bool { fixed == nil }

    /// A literal with these properties.
    public init(kind: Kind, value: String, offset: Int, fixed: FixedReason? = nil) {
        self.kind = kind
        self.value = value
        self.offset = offset
        self.fixed = fixed
    }
}

/// A place in which a constant's value is part of what the statement means, not only of what it computes with.
public enum FixedReason: String, Sendable, Hashable, CaseIterable {
    /// ORDER BY, GROUP BY and DISTINCT ON: an integer is the number of a column.
    case sortPosition
    /// `varchar(10)`: part of a type.
    case typeModifier
    /// `interval '1 day'`: read by the type's input function while the statement is analysed.
    case typedLiteral
    /// A cast to regclass and its kin: the value names an object.
    case objectName
    /// SET and its kin.
    case settingValue
    /// Any other place for which the walk does not promise that the value is free.
    case other
}
