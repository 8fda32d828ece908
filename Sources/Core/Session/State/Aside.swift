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
    static func text(_ restores: [Restore]) -> String {
        let calls = restores.map { restore in
            "pg_catalog.set_config(\(restore.name.sqlLiteral), \(restore.value.sqlLiteral), "
                + "\(restore.isLocal))"
        }
        return "SELECT " + calls.joined(separator: ", ")
    }
}
