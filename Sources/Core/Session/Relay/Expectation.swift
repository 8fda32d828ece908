import PostgresWire

/// One message on its way to the server and what its answer will change here.
///
/// The queue of these is what tells whose answer a backend message is, where a denied statement's error belongs, and
/// when the server has nothing more to say.
enum Expectation {
    /// Query: answers run up to its own ReadyForQuery. `dropsUnnamed`: there is an unnamed statement for it to drop.
    case query(QueryEffects, dropsUnnamed: Bool)
    /// A Query or FunctionCall that was denied; the server answers our substitute.
    case substituteQuery(Substitute, dropsUnnamed: Bool)
    /// FunctionCall, where nothing judges.
    case functionCall
    /// `at`: the name under which a shared server connection gets it.
    case parse(StatementName, PreparedStatement?, at: StatementName?)
    /// A Parse, Bind or EXECUTE that was denied. `dropsUnnamed`: it was a Parse of the unnamed statement.
    case substituteParse(Substitute, dropsUnnamed: Bool)
    case bind
    /// Of a portal, or of a statement: `at` is its name on a shared server connection.
    case describe(PreparedStatement?, at: StatementName?)
    case execute(QueryEffects)
    case closeStatement(StatementName, sent: StatementNames.Moment)
    case closePortal
    /// CopyDone or CopyFail: no answer of its own; marks where a COPY IN that may be under way ends.
    case copyEnd
    case sync
    /// A Sync that the server met while it read COPY data, or where that ended: nothing answers it.
    case swallowedSync

    // The gateway's own messages within a client's batch: their answers are for nobody else.
    case ownParse(StatementName)
    case ownClose(StatementName)
    case ownDescribe(StatementName)
}

/// What a simple Query changes here once the server confirms it.
enum QueryEffects {
    case none
    /// DEALLOCATE of one name, the Query's only statement.
    case deallocate(StatementName, sent: StatementNames.Moment)
    /// DEALLOCATE ALL or DISCARD ALL, the Query's only statement.
    case deallocateAll(sent: StatementNames.Moment)
    /// DISCARD SEQUENCES, the Query's only statement.
    case discardSequences
}

/// The error that takes the place of the server's answer to a substitute.
final class Substitute {
    let error: ErrorResponse
    /// In an aborted transaction PostgreSQL says 25P02 before it looks at a statement, but not before it parses it:
    /// the server's 25P02 is passed on for a denial, never for text that does not parse.
    let yieldsToAbortedTransaction: Bool

    init(_ error: ErrorResponse, yieldsToAbortedTransaction: Bool) {
        self.error = error
        self.yieldsToAbortedTransaction = yieldsToAbortedTransaction
    }

    /// Parses under any settings and fails in analysis: 42704 in a transaction or outside, 25P02 in an aborted one.
    static let text = "SELECT NULL::pg_catalog.\"denied by pgml-gateway\""
    /// A Parse that fails leaves no statement, so the name only has to be one that clients do not use.
    static let name = Array(statementName.text.utf8)
    /// Where server connections are shared, no statement has it there, for it is closed in the place of clients' own.
    static let statementName = StatementName(sql: "pgml-gateway")
}
