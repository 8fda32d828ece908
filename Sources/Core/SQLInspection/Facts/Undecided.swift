/// Why the walk cannot answer for a statement.
public struct Undecided: Sendable, Hashable, CustomStringConvertible {
    /// PostgreSQL's name of the node type or field, for example `CreateFunctionStmt` or `SelectStmt.intoClause`.
    public let node: String
    /// One sentence for the operator.
    public let reason: String

    /// A reason that names the node it is about.
    public init(node: String, reason: String) {
        self.node = node
        self.reason = reason
    }

    /// The form in which logs and errors show it.
    public var description: String { "\(node): \(reason)" }
}
