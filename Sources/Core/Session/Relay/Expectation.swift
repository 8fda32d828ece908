/// One message on its way to the server and what its answer will change here.
///
/// The queue of these is what tells whose answer a backend message is, where a denied statement's error belongs, and
/// when the server has nothing more to say.
enum Expectation {
    /// Query: answers run up to its own ReadyForQuery. `dropsUnnamed`: there is an unnamed statement for it to drop.
    case query(QueryEffects, dropsUnnamed: Bool)
    /// A Query or FunctionCall that was denied; the server answers our substitute. Indirect, for a substitute is several
    /// times as large as all else, and every message's expectation is copied into the queue and out of it.
    indirect case substituteQuery(Substitute, dropsUnnamed: Bool)
    /// FunctionCall, where nothing judges.
    case functionCall
    /// `at`: the name under which a shared server connection gets it.
    case parse(StatementName, PreparedStatement?, at: StatementName?)
    /// A Parse, Bind or EXECUTE that was denied. `dropsUnnamed`: it was a Parse of the unnamed statement.
    indirect case substituteParse(Substitute, dropsUnnamed: Bool)
    /// Of a statement by its client's name: `at` is its name on a shared server connection.
    case bind(StatementName?, at: StatementName?)
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
    case ownBind
    /// The Execute of DISCARD SEQUENCES.
    case ownDiscard
}
