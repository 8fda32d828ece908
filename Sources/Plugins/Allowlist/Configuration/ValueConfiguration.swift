/// What an argument, or a key within a JSON argument, may be.
struct ValueConfiguration: Decodable, Sendable {
    /// What a value is.
    enum Kind: String, CaseIterable, Decodable, Sendable {
        /// Anything at all, unseen. What an argument without any rule is.
        case any
        case text
        /// The name of a model on a hub: text whose patterns never admit a path.
        case model
        /// A whole number.
        case integer
        case number
        case boolean
        /// A JSON object with `keys`.
        case object
        /// The name of a relation that `relations` lets the client read, as a constant.
        case relation
    }

    /// The argument's name (arguments only).
    var name: String?
    /// Its names in other overloads.
    var aliases: [String]?
    /// Whether the last argument stands for any number of them.
    var variadic: Bool?

    var type: Kind?
    /// Patterns of what a text may be; `*` stands for anything, `@list` for the values of a list.
    var values: [String]?
    /// The keys a JSON object may have, each with its own rule.
    var keys: [String: ValueConfiguration]?
    var min: Double?
    var max: Double?
    /// The longest a text may be, in bytes of UTF-8.
    var maxBytes: Int?
    /// Whether the value is an array of what the other keys describe.
    var array: Bool?
    /// The most elements an array may have.
    var maxElements: Int?
    /// Whether NULL (JSON's null) passes.
    var null: Bool?
    /// Whether a column or an expression passes, whatever it turns out to be.
    var computed: Bool?

    /// The lists that this rule and those of its keys name, as they are written: `@list`.
    var listsNamed: Set<String> {
        let own = Set((values ?? []).filter { $0.hasPrefix("@") })
        return (keys ?? [:]).values.reduce(into: own) { $0.formUnion($1.listsNamed) }
    }

    enum CodingKeys: String, CodingKey {
        case name, aliases, variadic, type, values, keys, min, max, array, null, computed
        case maxBytes = "max_bytes"
        case maxElements = "max_elements"
    }
}
