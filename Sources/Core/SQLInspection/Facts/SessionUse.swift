/// SQL's own handling of prepared statements, whose names are the protocol's too.
public enum PreparedStatementUse: Sendable, Hashable {
    case prepare(name: String, parameterTypes: [TypeUse])
    case execute(name: String, arguments: [ArgumentValue])
    case deallocate(name: String)
    case deallocateAll
}

/// SQL's own handling of cursors, whose names are the protocol's portals.
public enum CursorUse: Sendable, Hashable {
    case declare(name: String, isHoldable: Bool)
    case fetch(name: String)
    case close(name: String)
    case closeAll
}

/// Where a transaction begins, ends or branches.
public enum TransactionControl: Sendable, Hashable {
    case begin
    case commit(chain: Bool)
    case rollback(chain: Bool)
    case savepoint(String)
    case release(String)
    case rollbackTo(String)
    case twoPhase
}

/// What a statement leaves in its session beyond its transaction.
public struct SessionState: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt16
    /// The state with these bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A setting of the session has another value.
    public static let settings = SessionState(rawValue: 1 << 0)
    /// A prepared statement exists.
    public static let preparedStatements = SessionState(rawValue: 1 << 1)
    /// A temporary object exists.
    public static let temporaryObjects = SessionState(rawValue: 1 << 2)
    /// The session listens on a channel.
    public static let notifications = SessionState(rawValue: 1 << 3)
    /// A WITH HOLD cursor outlives its transaction.
    public static let heldCursors = SessionState(rawValue: 1 << 4)
    /// The session acts as another role.
    public static let role = SessionState(rawValue: 1 << 5)
    /// LOAD puts a library into the server process.
    public static let loadedCode = SessionState(rawValue: 1 << 6)
    /// Anything that a session can hold: DO, CALL and data definition run code that is not in the text.
    public static let unseen = SessionState(rawValue: 1 << 7)
}

/// The direction of a COPY whose data crosses the protocol.
public enum CopyDirection: Sendable, Hashable {
    case fromClient
    case toClient
}

/// What DISCARD throws away.
public enum DiscardTarget: Sendable, Hashable {
    case all, plans, sequences, temporary
}
