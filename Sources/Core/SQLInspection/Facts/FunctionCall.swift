/// One call of a function.
public struct FunctionCall: Sendable, Hashable {
    /// The function, as written.
    public let name: QualifiedName
    /// Where in the statement the call stands.
    public let place: SyntacticPlace
    /// The arguments in their order.
    public let arguments: [Argument]
    /// `f(VARIADIC array)`: the last argument is an array of arguments.
    public let isVariadic: Bool
    /// `count(*)`.
    public let hasStar: Bool
    /// Byte offset in the statement's text, -1 where the grammar gives none.
    public let offset: Int

    /// A call with these arguments.
    public init(
        name: QualifiedName,
        place: SyntacticPlace,
        arguments: [Argument],
        isVariadic: Bool = false,
        hasStar: Bool = false,
        offset: Int = -1
    ) {
        self.name = name
        self.place = place
        self.arguments = arguments
        self.isVariadic = isVariadic
        self.hasStar = hasStar
        self.offset = offset
    }
}

/// One argument of a call: by position, or by name (`kwargs => …`).
public struct Argument: Sendable, Hashable {
    /// The name in named notation.
    public let name: String?
    /// What is known of the value.
    public let value: ArgumentValue

    /// An argument, named or by position.
    public init(name: String? = nil, value: ArgumentValue) {
        self.name = name
        self.value = value
    }
}

/// What can be known of an argument's value.
public enum ArgumentValue: Sendable, Hashable {
    /// A literal; index into `StatementFacts.constants`.
    case constant(Int)
    /// `$n`, counted from 1.
    case parameter(Int)
    case null
    case boolean(Bool)
    /// `ARRAY[…]`.
    case array([ArgumentValue])
    /// `value::type`, `CAST(value AS type)`, `type 'value'`.
    indirect case cast(ArgumentValue, TypeUse)
    /// A column or any other expression: not knowable here.
    case other
}

/// Where in a statement a call stands.
public enum SyntacticPlace: String, Sendable, Hashable {
    case targetList = "target list"
    case from = "FROM"
    case `where` = "WHERE"
    case groupBy = "GROUP BY"
    case having = "HAVING"
    case window = "WINDOW"
    case orderBy = "ORDER BY"
    case limit = "LIMIT"
    case values = "VALUES"
    case returning = "RETURNING"
    case onConflict = "ON CONFLICT"
    case set = "SET"
    case parameters = "EXECUTE parameters"
    case other = "elsewhere"
}
