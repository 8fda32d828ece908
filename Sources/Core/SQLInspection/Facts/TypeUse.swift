/// A type that the statement names.
public struct TypeUse: Sendable, Hashable {
    /// The type, as written; built-in spellings such as `int` come as `pg_catalog.int4`.
    public let name: QualifiedName
    /// `name[]` in any number of dimensions.
    public let isArray: Bool
    /// `SETOF name`.
    public let isSet: Bool
    /// `name(…)`: a type modifier may cut or refuse the value.
    public let hasModifier: Bool

    /// A type that is named in this way.
    public init(
        name: QualifiedName,
        isArray: Bool = false,
        isSet: Bool = false,
        hasModifier: Bool = false
    ) {
        self.name = name
        self.isArray = isArray
        self.isSet = isSet
        self.hasModifier = hasModifier
    }
}
