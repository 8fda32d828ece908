/// A password or another thing that must not be printed: every way of turning it into text says «hidden».
package struct Secret: Sendable, Hashable {
    /// The secret itself, for the one place that uses it.
    package let revealed: String

    package init(_ text: String) {
        revealed = text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "«hidden»" }
    package var debugDescription: String { description }
    /// `dump` and a debugger's summary go by the mirror.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Decodable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
}
