/// Why a server connection cannot be given to another session: what is on it can be neither seen elsewhere nor moved.
public struct PinReasons: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt16
    /// The reasons with these bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A temporary table, view, sequence or function exists.
    public static let temporaryObjects = PinReasons(rawValue: 1 << 0)
    /// The session listens on a channel.
    public static let listens = PinReasons(rawValue: 1 << 1)
    /// The session holds an advisory lock that no transaction will release.
    public static let advisoryLocks = PinReasons(rawValue: 1 << 2)
    /// A WITH HOLD cursor is open.
    public static let heldCursors = PinReasons(rawValue: 1 << 3)
    /// The session acts as another role (SET ROLE, SET SESSION AUTHORIZATION).
    public static let role = PinReasons(rawValue: 1 << 4)
    /// PREPARE made a statement in SQL.
    public static let preparedStatements = PinReasons(rawValue: 1 << 5)
    /// currval and lastval answer with what this session drew.
    public static let sequences = PinReasons(rawValue: 1 << 6)
    /// setseed fixed what random() will answer.
    public static let randomSeed = PinReasons(rawValue: 1 << 7)
    /// LOAD put a library into the server process.
    public static let loadedCode = PinReasons(rawValue: 1 << 8)
    /// A prepared statement that means something else when it is prepared at another time ('now', 'today').
    public static let frozenLiteral = PinReasons(rawValue: 1 << 9)
    /// Something that leaves nobody knows what.
    public static let unknown = PinReasons(rawValue: 1 << 10)
}

extension PinReasons {
    /// What the server can be asked about.
    static let probed: PinReasons = [
        .temporaryObjects, .listens, .advisoryLocks, .heldCursors, .role, .preparedStatements,
    ]
    /// What not even DISCARD ALL undoes: the server connection ends with its session.
    static let indelible: PinReasons = [.randomSeed, .loadedCode, .unknown]

    func contains(anyOf others: PinReasons) -> Bool { !isDisjoint(with: others) }
}
