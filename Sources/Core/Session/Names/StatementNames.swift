/// Which prepared statement each name stands for, through pipelines whose outcome is not known yet.
///
/// A name changes when the server says so (ParseComplete, CloseComplete). Until then the change is pending, numbered by
/// the batch (everything up to a Sync) that it was sent in: within its batch it holds, since a failure skips whatever
/// follows there; a later batch may meet either outcome.
struct StatementNames {
    enum Lookup {
        case statement(PreparedStatement)
        case absent
        /// Two outcomes are possible and differ: wait for the server.
        case undetermined
    }

    private enum Change {
        case define(PreparedStatement)
        case remove
    }

    private struct Slot {
        var settled: PreparedStatement?
        var pending: [(batch: Int, change: Change)] = []
    }

    private var unnamed = Slot()
    private var named: [StatementName: Slot] = [:]
    /// Statements that SQL's PREPARE made under a name. Never fewer than the server has: SQL does not tell when one
    /// fails, so a name keeps every statement it may stand for until a DEALLOCATE that was sent later is confirmed.
    private var fromSQL: [StatementName: [(moment: Moment, statement: PreparedStatement)]] = [:]
    private var countFromSQL = 0
    private(set) var now = Moment(number: 0)
    /// Statements in use, by protocol and by SQL.
    var count: Int { named.count + countFromSQL }

    /// Orders what SQL does with names by when it was sent.
    struct Moment {
        fileprivate var number: Int
    }

    // MARK: Asking

    /// What a Bind, Describe or EXECUTE sent in `batch` would meet. With several possible statements from SQL, all are
    /// returned and each must be judged.
    func lookup(_ name: StatementName, batch: Int) -> Lookup {
        let slot = name.isUnnamed ? unnamed : named[name]
        guard let slot else { return .absent }
        guard let last = slot.pending.last else {
            return slot.settled.map(Lookup.statement) ?? .absent
        }
        if last.batch == batch {
            switch last.change {
            case .define(let statement): return .statement(statement)
            case .remove: return .absent
            }
        }
        // Sent in an earlier batch, not answered yet. A single definition over nothing is harmless either way: it is
        // that statement or the server's own 26000.
        if slot.settled == nil, slot.pending.count == 1, case .define(let statement) = last.change {
            return .statement(statement)
        }
        return .undetermined
    }

    /// All that a Bind or EXECUTE of `name` sent in `batch` may meet, each to be judged; nil where outcomes differ.
    func candidates(_ name: StatementName, batch: Int) -> CandidateStatements? {
        let fromSQL = preparedBySQL(name)
        return switch lookup(name, batch: batch) {
        case .undetermined: nil
        case .absent: CandidateStatements(fromSQL: fromSQL, fromProtocol: nil)
        case .statement(let statement): CandidateStatements(fromSQL: fromSQL, fromProtocol: statement)
        }
    }

    /// Whether a change of an earlier batch has no answer yet.
    func isPending(_ name: StatementName, before batch: Int) -> Bool {
        named[name]?.pending.contains { $0.batch != batch } ?? false
    }

    /// The statement under this name, as far as the server has confirmed.
    func settled(_ name: StatementName) -> PreparedStatement? {
        name.isUnnamed ? unnamed.settled : named[name]?.settled
    }

    /// All statements with names that the server has confirmed.
    var allSettled: [(name: StatementName, statement: PreparedStatement)] {
        named.compactMap { name, slot in slot.settled.map { (name, $0) } }
    }

    /// The client's name for the statement that was prepared from `source`.
    func name(ofStatementFrom source: StatementSource) -> StatementName? {
        named.first { _, slot in
            if slot.settled?.source === source { return true }
            return slot.pending.contains {
                if case .define(let statement) = $0.change { statement.source === source } else { false }
            }
        }?.key
    }

    func preparedBySQL(_ name: StatementName) -> [PreparedStatement] {
        fromSQL[name]?.map(\.statement) ?? []
    }

    // MARK: Sending

    mutating func sendDefinition(_ name: StatementName, _ statement: PreparedStatement, batch: Int) {
        update(name) { $0.pending.append((batch, .define(statement))) }
    }

    /// Also where nothing is to be removed: every change sent has its own answer, and they are counted off in order.
    mutating func sendRemoval(_ name: StatementName, batch: Int) {
        update(name) { $0.pending.append((batch, .remove)) }
    }

    /// Whether the unnamed statement exists or may come to exist.
    var hasUnnamed: Bool { unnamed.settled != nil || !unnamed.pending.isEmpty }

    /// PREPARE was sent. The same statement under the same name again counts once.
    ///
    /// - Returns: whether it is one that the name did not stand for already.
    @discardableResult
    mutating func addFromSQL(_ name: StatementName, _ statement: PreparedStatement) -> Bool {
        now.number += 1
        let before = countFromSQL
        forget(name) { $0.statement.isSame(as: statement) }
        let isNew = countFromSQL == before
        fromSQL[name, default: []].append((now, statement))
        countFromSQL += 1
        return isNew
    }

    // MARK: The server's answers

    /// The eldest pending change of `name` took place.
    mutating func confirm(_ name: StatementName) {
        update(name) { slot in
            guard !slot.pending.isEmpty else { return }
            switch slot.pending.removeEldest().change {
            case .define(let statement): slot.settled = statement
            case .remove: slot.settled = nil
            }
        }
    }

    /// The eldest pending change of `name` was refused or skipped.
    mutating func drop(_ name: StatementName) {
        update(name) { slot in
            if !slot.pending.isEmpty { _ = slot.pending.removeEldest() }
        }
    }

    /// The server dropped the unnamed statement: a failed Parse of it, and every simple Query, do.
    mutating func forgetUnnamed() { unnamed.settled = nil }

    /// A PREPARE sent at `moment`, which brought a new statement, failed.
    mutating func dropFromSQL(_ name: StatementName, sent moment: Moment) {
        forget(name) { $0.moment.number == moment.number }
    }

    /// The server connection at hand has nothing that SQL's PREPARE made for this client.
    mutating func forgetFromSQL() {
        guard countFromSQL > 0 else { return }
        fromSQL = [:]
        countFromSQL = 0
    }

    /// A DEALLOCATE sent at `moment` was confirmed. What PREPARE made since is still there.
    mutating func deallocate(_ name: StatementName, sent moment: Moment) {
        forget(name) { $0.moment.number <= moment.number }
        update(name) { $0.settled = nil }
    }

    /// A Close sent at `moment` was confirmed: it closes what SQL has prepared too.
    mutating func closePreparedBySQL(_ name: StatementName, sent moment: Moment) {
        forget(name) { $0.moment.number <= moment.number }
    }

    /// A DEALLOCATE ALL or DISCARD ALL sent at `moment` was confirmed.
    mutating func deallocateAll(sent moment: Moment) {
        for name in Array(fromSQL.keys) { forget(name) { $0.moment.number <= moment.number } }
        for name in Array(named.keys) { update(name) { $0.settled = nil } }
    }

    private mutating func forget(
        _ name: StatementName,
        where isGone: ((moment: Moment, statement: PreparedStatement)) -> Bool
    ) {
        guard let statements = fromSQL[name] else { return }
        let kept = statements.filter { !isGone($0) }
        countFromSQL -= statements.count - kept.count
        fromSQL[name] = kept.isEmpty ? nil : kept
    }

    private mutating func update(_ name: StatementName, _ change: (inout Slot) -> Void) {
        if name.isUnnamed {
            change(&unnamed)
            return
        }
        var slot = named[name] ?? Slot()
        named[name] = nil
        change(&slot)
        if slot.settled != nil || !slot.pending.isEmpty { named[name] = slot }
    }
}
