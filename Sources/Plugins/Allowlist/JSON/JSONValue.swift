/// A JSON value as the strict reader gives it.
enum JSONValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    /// A number in its own spelling.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// An object's members in their order; no key occurs twice.
    case object([Member])

    struct Member: Equatable {
        let key: String
        let value: JSONValue

        init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }
}
