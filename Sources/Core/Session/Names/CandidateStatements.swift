/// The prepared statements that one name may stand for: mostly one, for which no array is made.
struct CandidateStatements: Sequence, IteratorProtocol {
    private var fromSQL: [PreparedStatement]
    private var fromProtocol: PreparedStatement?

    static var none: CandidateStatements { CandidateStatements(fromSQL: [], fromProtocol: nil) }

    init(fromSQL: [PreparedStatement], fromProtocol: PreparedStatement?) {
        self.fromSQL = fromSQL
        self.fromProtocol = fromProtocol
    }

    var isEmpty: Bool { fromProtocol == nil && fromSQL.isEmpty }
    /// The protocol's own, or the last that SQL has prepared.
    var last: PreparedStatement? { fromProtocol ?? fromSQL.last }

    /// Whether nothing has to be done for any of them: then nobody need go through them, which costs several counted
    /// references each time.
    var arePlain: Bool { fromSQL.isEmpty && fromProtocol?.verdict.isPlain != false }

    mutating func next() -> PreparedStatement? { fromProtocol.take() ?? fromSQL.popLast() }
}
