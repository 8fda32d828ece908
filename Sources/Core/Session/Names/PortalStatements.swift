import PluginAPI
import PostgresWire

/// What was bound to portals, and what cursors SQL has declared, as far as somebody wants to know: until their transaction
/// has ended.
struct PortalStatements {
    struct Bound {
        let statement: PreparedStatement
        /// What gates have kept with the Bind.
        let notes: AdmissionNotes?
        /// Whether SQL has declared it, which was told of as a statement of its own.
        var isDeclared = false
    }

    private var unnamed: Bound?
    private var named: [StatementName: Bound] = [:]

    /// Whether there are `limit` portals already, and this would be one more.
    func isFull(for portal: StatementName, limit: Int) -> Bool {
        named.count >= limit && !portal.isUnnamed && named[portal] == nil
    }

    /// A Bind of this portal was sent, or a DECLARE.
    mutating func bind(_ portal: StatementName, _ statement: Bound) {
        if portal.isUnnamed { unnamed = statement } else { named[portal] = statement }
    }

    /// A Close or CLOSE was sent.
    mutating func remove(_ portal: StatementName) {
        if portal.isUnnamed { unnamed = nil } else if !named.isEmpty { named[portal] = nil }
    }

    func bound(to portal: StatementName) -> Bound? {
        portal.isUnnamed ? unnamed : named.isEmpty ? nil : named[portal]
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
