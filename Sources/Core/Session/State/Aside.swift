import PostgresWire

/// What the gateway has the server do between two messages of a client that holds it: the client waits, and sees nothing
/// of the answers.
enum Aside {
    /// Statements are prepared or closed so that names mean what the client thinks. One that fails fails the client's
    /// own message too.
    case arrangingNames
    case discardingSequences
    /// Settings that were reset go to the client's startup values. The client still waits for this ReadyForQuery.
    case restoring(TransactionStatus, [Restore])
    /// As before, but a cancel that was meant for something else has hit it: outside of a transaction it is done again.
    case restoringAgain([Restore])
    /// The same in a transaction, which has failed by that.
    case failing
}

/// Between the end of an aside and the message that it was for: that one needs the very server connection on which it was
/// made.
enum Arrangement {
    case none
    case made
    /// The message goes to the server as it is, and fails there: in an aborted transaction nothing can be prepared.
    case failed
}

/// A setting on its way back to the client's startup value.
struct Restore: Equatable {
    let name: String
    let value: String
    /// For the present transaction only.
    let isLocal: Bool

    /// One Query that restores all of them.
    static func text(_ restores: [Restore]) -> String { restores.map(\.text).joined(separator: "; ") }

    /// SET, behind which SET TRANSACTION still finds a transaction that has run no query.
    private var text: String {
        guard !Self.listsOfNames.contains(name) else {
            return "SELECT pg_catalog.set_config(\(name.sqlLiteral), \(value.sqlLiteral), \(isLocal))"
        }
        let name = name.split(separator: ".").map(\.quotedIdentifier).joined(separator: ".")
        return "SET \(isLocal ? "LOCAL" : "SESSION") \(name) TO \(value.sqlLiteral)"
    }

    /// For these SET takes a literal for one name (GUC_LIST_QUOTE in guc.c).
    private static let listsOfNames: Set = [
        "local_preload_libraries", "search_path", "session_preload_libraries", "temp_tablespaces",
    ]
}
