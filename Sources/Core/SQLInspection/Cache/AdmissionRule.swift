/// The rules that keep "same template" from ever meaning less than "same facts".
///
/// They are a set so that tests can leave one out, plant the bug it prevents, and see the differential fuzzer find it.
/// Outside tests it is always `all`.
struct AdmissionRule: OptionSet, Sendable, Hashable {
    let rawValue: UInt32

    // What the lexer is not sure of.

    /// `E'\''`, `U&'…'`, `B'…'`, `X'…'`, `N'…'`: the quote does not begin a plain literal.
    static let prefixedString = AdmissionRule(rawValue: 1 << 0)
    /// `$$…$$` and `$tag$…$tag$`.
    static let dollarQuoting = AdmissionRule(rawValue: 1 << 1)
    /// `-- …` and `/* … */`: a quote in a comment is no literal.
    static let comments = AdmissionRule(rawValue: 1 << 2)
    /// Two literals with nothing but white space between them may be one.
    static let adjacentLiterals = AdmissionRule(rawValue: 1 << 3)
    /// `1e5`, `1_000`, `0x1f`, `1.`, `.5`, `1abc`, `007`: numerals that need PostgreSQL's own lexer.
    static let plainNumerals = AdmissionRule(rawValue: 1 << 4)
    /// `"a'b"`: quotes inside a quoted identifier begin no literal.
    static let quotedIdentifiers = AdmissionRule(rawValue: 1 << 5)
    /// `t1`, `int4`, `$1`: digits that are part of a name.
    static let digitsInNames = AdmissionRule(rawValue: 1 << 6)
    /// int4, int8 and wider integers choose different overloads.
    static let integerWidth = AdmissionRule(rawValue: 1 << 7)
    /// `1` and `1.5` are of different kinds.
    static let decimals = AdmissionRule(rawValue: 1 << 8)
    /// `'1'` and `1` are of different kinds.
    static let stringsAndNumerals = AdmissionRule(rawValue: 1 << 9)
    /// Invalid UTF-8 in a literal is for the grammar path to refuse.
    static let validEncoding = AdmissionRule(rawValue: 1 << 10)

    // What the first text's tree must show.

    /// As many constants as slots.
    static let constantCount = AdmissionRule(rawValue: 1 << 11)
    /// Each constant stands where its slot does, or at a sign right before it.
    static let constantOffset = AdmissionRule(rawValue: 1 << 12)
    /// Each constant is of its slot's kind.
    static let constantKind = AdmissionRule(rawValue: 1 << 13)
    /// One statement in the text.
    static let singleStatement = AdmissionRule(rawValue: 1 << 14)
    static let sortPosition = AdmissionRule(rawValue: 1 << 15)
    static let typeModifier = AdmissionRule(rawValue: 1 << 16)
    static let typedLiteral = AdmissionRule(rawValue: 1 << 17)
    static let objectName = AdmissionRule(rawValue: 1 << 18)
    static let settingValue = AdmissionRule(rawValue: 1 << 19)
    static let otherFixedPlace = AdmissionRule(rawValue: 1 << 20)

    // What a literal's value is made of.

    /// A sign that the grammar folded into the constant is part of its value.
    static let foldedSign = AdmissionRule(rawValue: 1 << 21)
    /// `''` in a literal is one quote.
    static let doubledQuotes = AdmissionRule(rawValue: 1 << 22)

    static let all = AdmissionRule(rawValue: (1 << 23) - 1)
}

extension FixedReason {
    /// The rule that keeps constants in this place out of templates.
    var rule: AdmissionRule {
        switch self {
        case .sortPosition: .sortPosition
        case .typeModifier: .typeModifier
        case .typedLiteral: .typedLiteral
        case .objectName: .objectName
        case .settingValue: .settingValue
        case .other: .otherFixedPlace
        }
    }
}
