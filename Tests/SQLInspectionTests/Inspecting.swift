import Testing

@testable import SQLInspection

/// The facts of a text's statements; fails the test when there are none.
func statements(of sql: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [ParsedStatement] {
    switch unsafe SQLParser.parse(Array(sql.utf8).span.bytes, limits: ParseLimits(bytes: 1 << 20)) {
    case .statements(let statements):
        return statements
    case .failed(let failure):
        Issue.record("\(failure) in: \(sql)", sourceLocation: sourceLocation)
        throw failure
    }
}

/// The facts of a text of one statement.
func facts(of sql: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> StatementFacts {
    let statements = try statements(of: sql, sourceLocation: sourceLocation)
    try #require(statements.count == 1, "\(sql)", sourceLocation: sourceLocation)
    return statements[0].facts
}

/// Why a text is refused; nil when it is not.
func failure(of bytes: [UInt8], limits: ParseLimits = ParseLimits()) -> InspectionFailure? {
    guard case .failed(let failure) = unsafe SQLParser.parse(bytes.span.bytes, limits: limits) else { return nil }
    return failure
}

extension StatementFacts {
    var callNames: [String] { calls.map(\.name.description) }
    var operatorNames: Set<String> { Set(operators.map(\.description)) }
    var typeNames: [String] { types.map { $0.name.description + ($0.isArray ? "[]" : "") } }
    var relationUses: Set<String> { Set(relations.map { "\($0.access.rawValue) \($0.name)" }) }
    var kindNames: [String] { kinds.map(\.rawValue) }
}
