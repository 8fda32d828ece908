/// What a value may be: one of the forms below that are not nil.
struct ValueRule {
    struct Text {
        let patterns: [Pattern]
        /// No patterns: any text.
        func admits(_ text: String) -> Bool {
            patterns.isEmpty || patterns.contains { $0.matches(text) }
        }
    }

    struct Number {
        let range: ClosedRange<Double>
        let isInteger: Bool

        func admits(_ text: String) -> Bool {
            guard let value = NumberText.value(of: text) else { return false }
            return range.contains(value) && (!isInteger || value.rounded() == value)
        }
    }

    /// Anything at all: the other properties say nothing.
    var isUnpoliced = false
    var text: Text?
    var number: Number?
    var isBoolean = false
    /// Keys of a JSON object, and what each may be.
    var object: [ExactString: ValueRule]?
    /// The name of a relation that may be read.
    var isRelation = false
    var maxBytes = Int.max
    /// The value is an array of what the other properties describe.
    var isArray = false
    var maxElements = Int.max
    var allowsNull = false
    /// As for `allowsNull`, for an array's elements: a STRICT function is run on an array that holds NULL.
    var allowsNullElements = false
    var allowsComputed = false

    static let any = ValueRule(isUnpoliced: true)

    /// The rule for the elements of an array.
    var element: ValueRule {
        var element = self
        element.isArray = false
        element.allowsNull = allowsNullElements
        return element
    }
}
