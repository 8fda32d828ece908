import PostgresWire

/// What was bound to portals, as far as observers want to know.
struct PortalStatements {
    private var unnamed: PreparedStatement?
    private var named: [StatementName: PreparedStatement] = [:]

    /// A Bind of this portal was sent. Of more portals than `limit` with names nothing is known.
    mutating func bind(_ portal: StatementName, _ statement: PreparedStatement?, limit: Int) {
        if portal.isUnnamed {
            unnamed = statement
        } else if named[portal] != nil || named.count < limit {
            named[portal] = statement
        }
    }

    func statement(inExecute body: RawSpan) -> PreparedStatement? {
        guard body.byteCount > 0 else { return nil }
        if body.byte(at: 0) == 0 { return unnamed }
        guard !named.isEmpty, let end = body.firstNull(from: 0), let name = StatementName(body, 0..<end) else {
            return nil
        }
        return named[name]
    }

    /// The transaction has ended, and the portals with it.
    mutating func removeAll() {
        unnamed = nil
        if !named.isEmpty { named = [:] }
    }
}
