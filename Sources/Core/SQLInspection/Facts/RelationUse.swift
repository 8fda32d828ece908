/// A relation and one way in which it is accessed.
public struct RelationUse: Sendable, Hashable {
    /// What is done with a relation.
    public enum Access: String, Sendable, Hashable, CaseIterable {
        case select, insert, update, delete, truncate, lock, create
    }

    /// The relation, as written.
    public let name: QualifiedName
    /// What is done with it.
    public let access: Access

    /// One access to one relation.
    public init(name: QualifiedName, access: Access) {
        self.name = name
        self.access = access
    }
}

/// `x.f` or `(expr).f`, which PostgreSQL reads as a column or, failing that, as the call `f(x)`.
public struct AttributeUse: Sendable, Hashable {
    /// What the attribute is taken from.
    public enum Base: Sendable, Hashable {
        /// A FROM item by its name: `f` must take a row.
        case fromItem
        /// Any expression: `f` may take anything.
        case expression
    }

    /// The attribute: a column, or a function.
    public let name: String
    /// What it is taken from.
    public let base: Base

    /// One use of an attribute.
    public init(name: String, base: Base) {
        self.name = name
        self.base = base
    }
}
