/// A name as PostgreSQL's parser gives it: case folded, quotes and Unicode escapes resolved, cut to 63 bytes.
public struct QualifiedName: Sendable, Hashable, CustomStringConvertible {
    /// The database part of a three-part name.
    public let database: String?
    /// The schema, or nil when the name is looked up along search_path.
    public let schema: String?
    /// The last part: what is named.
    public let name: String

    /// A name of one to three parts.
    public init(database: String? = nil, schema: String? = nil, _ name: String) {
        self.database = database
        self.schema = schema
        self.name = name
    }

    /// The form in which logs and errors show it.
    public var description: String {
        [database, schema, name].compactMap { $0 }.joined(separator: ".")
    }

    /// By bytes, as PostgreSQL compares: Swift's own comparison takes canonically equivalent spellings for the same.
    public static func == (left: QualifiedName, right: QualifiedName) -> Bool {
        func areSame(_ left: String?, _ right: String?) -> Bool {
            switch (left, right) {
            case (nil, nil): true
            case (let left?, let right?): left.utf8.elementsEqual(right.utf8)
            default: false
            }
        }
        return areSame(left.database, right.database) && areSame(left.schema, right.schema)
            && areSame(left.name, right.name)
    }
}
