/// What the grammar makes of one query text: its statements' facts, or why there are none.
///
/// It can be made on any thread and handed to the reactor that asked.
public enum ParsedText: Sendable {
    /// Every statement of the text with its byte range in it (leading white space and the semicolon left out).
    case statements([ParsedStatement])
    case failed(InspectionFailure)
}

/// One statement of a query text.
public struct ParsedStatement: Sendable {
    /// What the statement does.
    public let facts: StatementFacts
    /// Where the statement stands in the text, in bytes.
    public let range: Range<Int>

    /// A statement with its place in the text.
    public init(facts: StatementFacts, range: Range<Int>) {
        self.facts = facts
        self.range = range
    }
}

/// Why a text has no facts. Whoever meets one denies the text.
public enum InspectionFailure: Error, Sendable, Equatable {
    /// The grammar refuses it; `message` is PostgreSQL's own (SQLSTATE 42601), `position` counts characters from 1.
    case syntax(message: String, position: Int)
    /// Not valid UTF-8 (SQLSTATE 22021); the offending bytes as PostgreSQL shows them: `0xff`, `0xc3 0x28`.
    case invalidEncoding(bytes: String)
    /// A NUL byte before the terminator (SQLSTATE 08P01).
    case embeddedNull
    /// Longer than `max_statement_bytes` (SQLSTATE 53400).
    case tooLong(limit: Int)
    /// Nested deeper than the walk goes (SQLSTATE 54001).
    case tooDeep(limit: Int)
}
