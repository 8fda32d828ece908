import SQLInspection

/// What a text may leave in its session: never less than it will.
struct StatementEffects: Equatable {
    /// A setting that goes back to what the session began with.
    struct Reset: Equatable, Hashable {
        /// Lower case.
        let name: String
        /// SET LOCAL … TO DEFAULT.
        let isLocal: Bool
    }

    static let none = StatementEffects()

    /// Settings of the session that may have another value afterwards, in lower case.
    var settings: Set<String> = []
    /// Settings whose last mention in the text is RESET or DEFAULT.
    var resets: Set<Reset> = []
    /// RESET ALL or DISCARD ALL: every setting goes back.
    var resetsAll = false
    /// Settings may have changed whose names the text does not tell.
    var changesUnknownSettings = false
    /// What may be on the server connection afterwards.
    var pins: PinReasons = []
    /// currval or lastval: the answer must be this session's own.
    var readsSequences = false
    /// pg_prepared_statements shows what is prepared on the server connection.
    var readsPreparedStatements = false

    var isEmpty: Bool { self == .none }
}
