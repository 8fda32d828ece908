import Testing

@testable import SQLInspection

/// A rule left out of lexer, admission or decoding.
struct PlantedBug: Sendable, CustomTestStringConvertible {
    let name: String
    /// What is left out.
    let rule: AdmissionRule
    /// Other rules that catch the same texts, and are left out too: otherwise the bug would do no harm.
    let secondLine: AdmissionRule

    var testDescription: String { name }

    private init(_ name: String, _ rule: AdmissionRule, secondLine: AdmissionRule = []) {
        self.name = name
        self.rule = rule
        self.secondLine = secondLine
    }

    /// The comparison of the lexer's slots with the tree's constants, which catches most of what the lexer gets wrong.
    private static let tree: AdmissionRule = [.constantCount, .constantOffset, .constantKind]

    static let all = [
        PlantedBug("prefixed strings", .prefixedString, secondLine: tree),
        PlantedBug("dollar quoting", .dollarQuoting, secondLine: tree),
        PlantedBug("comments", .comments, secondLine: tree),
        PlantedBug("adjacent literals", .adjacentLiterals, secondLine: tree),
        PlantedBug("quoted identifiers", .quotedIdentifiers, secondLine: tree),
        PlantedBug("digits in names", .digitsInNames, secondLine: tree),
        PlantedBug("exponents, junk, odd dots", .plainNumerals, secondLine: tree),
        PlantedBug("leading zeros", .plainNumerals),
        PlantedBug("integer width", .integerWidth),
        PlantedBug("decimals", .decimals),
        PlantedBug("strings and numerals", .stringsAndNumerals),
        PlantedBug("encoding", .validEncoding),
        PlantedBug("number of constants", .constantCount),
        PlantedBug("offset of constants", .constantOffset, secondLine: .otherFixedPlace),
        PlantedBug("kind of constants", .constantKind, secondLine: .plainNumerals),
        PlantedBug("several statements", .singleStatement),
        PlantedBug("sort position", .sortPosition),
        PlantedBug("type modifier", .typeModifier),
        PlantedBug("typed literal", .typedLiteral),
        PlantedBug("object name", .objectName),
        PlantedBug("setting", .settingValue, secondLine: .constantCount),
        PlantedBug("other fixed places", .otherFixedPlace, secondLine: .constantOffset),
        PlantedBug("folded sign", .foldedSign),
        PlantedBug("doubled quotes", .doubledQuotes),
    ]
}
