/// The prepared statements that one name may stand for: mostly one, for which no array is made.
struct CandidateStatements: Sequence, IteratorProtocol {
    private var fromSQL: [PreparedStatement]
    private var fromProtocol: PreparedStatement?

    init(fromSQL: [PreparedStatement], fromProtocol: PreparedStatement?) {
        self.fromSQL = fromSQL
        self.fromProtocol = fromProtocol
    }

    var isEmpty: Bool { fromProtocol == nil && fromSQL.isEmpty }
    /// The protocol's own, or the last that SQL has prepared.
    var last: PreparedStatement? { fromProtocol ?? fromSQL.last }

    mutating func next() -> PreparedStatement? { fromProtocol.take() ?? fromSQL.popLast() }
}
