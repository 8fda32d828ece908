import PluginAPI
import PostgresWire

/// The error that takes the place of the server's answer to a substitute.
final class Substitute {
    let refusal: Refusal
    var error: ErrorResponse { refusal.error }
    /// In an aborted transaction PostgreSQL says 25P02 before it looks at a statement, but not before it parses it:
    /// the server's 25P02 is passed on for a denial, never for text that does not parse.
    let yieldsToAbortedTransaction: Bool

    convenience init(_ error: ErrorResponse, yieldsToAbortedTransaction: Bool) {
        self.init(Refusal(error), yieldsToAbortedTransaction: yieldsToAbortedTransaction)
    }

    init(_ refusal: Refusal, yieldsToAbortedTransaction: Bool) {
        self.refusal = refusal
        self.yieldsToAbortedTransaction = yieldsToAbortedTransaction
    }

    /// The same, with what it is about, where that was not told.
    func about(_ statements: [JudgedStatement], at index: Int = 0) -> Substitute {
        guard refusal.statements.isEmpty, !statements.isEmpty else { return self }
        var refusal = refusal
        (refusal.statements, refusal.index) = (statements, index)
        return Substitute(refusal, yieldsToAbortedTransaction: yieldsToAbortedTransaction)
    }

    /// Parses under any settings and fails in analysis: 42704 in a transaction or outside, 25P02 in an aborted one.
    static let text = "SELECT NULL::pg_catalog.\"denied by pgml-gateway\""
    /// A Parse that fails leaves no statement, so the name only has to be one that clients do not use.
    static let name = Array(statementName.text.utf8)
    /// Where server connections are shared, no statement has it there, for it is closed in the place of clients' own.
    static let statementName = StatementName(sql: "pgml-gateway")
}
