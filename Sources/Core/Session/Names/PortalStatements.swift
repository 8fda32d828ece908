import PluginAPI
import PostgresWire

/// What was bound to portals, as far as observers want to know.
struct PortalStatements {
    struct Bound {
        let statement: PreparedStatement
        /// What gates have kept with the Bind.
        let notes: AdmissionNotes?
    }

    private var unnamed: Bound?
    private var named: [StatementName: Bound] = [:]

    /// A Bind of this portal was sent. Of more portals than `limit` with names nothing is known.
    mutating func bind(_ portal: StatementName, _ statement: Bound?, limit: Int) {
        if portal.isUnnamed {
            unnamed = statement
        } else if named[portal] != nil || named.count < limit {
            named[portal] = statement
        }
    }

    func bound(inExecute body: RawSpan) -> Bound? {
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
