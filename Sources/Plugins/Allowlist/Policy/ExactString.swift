/// A string that equals only what has the same bytes.
///
/// Swift's own equality is Unicode's canonical equivalence, PostgreSQL's is the bytes': the Kelvin sign is a K to the
/// first and another name to the second.
struct ExactString: Hashable, ExpressibleByStringLiteral {
    let value: String

    init(_ value: String) {
        self.value = value
    }

    init(stringLiteral value: String) {
        self.value = value
    }

    static func == (left: ExactString, right: ExactString) -> Bool {
        left.value.utf8.elementsEqual(right.value.utf8)
    }

    /// Equal bytes are equal strings, so the string's own hash serves.
    func hash(into hasher: inout Hasher) {
        hasher.combine(value)
    }
}
