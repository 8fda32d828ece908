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

    private struct FromSQL {
        let statement: PreparedStatement
        /// Its number among the preparations; nil where it is not known when they run.
        var number: Int?
    }

    private var unnamed = Slot()
    private var named: [StatementName: Slot] = [:]
    /// Statements that SQL's PREPARE made under a name. Never fewer than the server has: SQL does not tell when one
    /// fails, so a name keeps every statement it may stand for until a DEALLOCATE is confirmed.
    private var fromSQL: [StatementName: [FromSQL]] = [:]
    /// Grows with every PREPARE: what was prepared after a DEALLOCATE had been sent outlives its confirmation.
    private(set) var preparations = 0
    private var fromSQLCount = 0
    /// Statements kept, by protocol and by SQL.
    var count: Int { named.count + fromSQLCount }

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

    /// - Parameter isRepeatable: the PREPARE is a prepared statement itself and may run at any time. If its parameters
    ///   are judged it is kept for good.
    mutating func addFromSQL(_ name: StatementName, _ statement: PreparedStatement, isRepeatable: Bool) {
        preparations += 1
        let staysForGood = isRepeatable && !statement.verdict.inspectedParameters.isEmpty
        if let index = fromSQL[name]?.firstIndex(where: { $0.statement.isJudgedLike(statement) }) {
            if fromSQL[name]?[index].number != nil { fromSQL[name]?[index].number = staysForGood ? nil : preparations }
            return
        }
        fromSQL[name, default: []].append(FromSQL(statement: statement, number: staysForGood ? nil : preparations))
        fromSQLCount += 1
    }

    // MARK: The server's answers

    /// The eldest pending change of `name` took place.
    mutating func confirm(_ name: StatementName) {
        update(name) { slot in
            guard !slot.pending.isEmpty else { return }
            switch slot.pending.removeFirst().change {
            case .define(let statement): slot.settled = statement
            case .remove: slot.settled = nil
            }
        }
    }

    /// The eldest pending change of `name` was refused or skipped.
    mutating func drop(_ name: StatementName) {
        update(name) { slot in
            if !slot.pending.isEmpty { slot.pending.removeFirst() }
        }
    }

    /// The server dropped the unnamed statement: a failed Parse of it, and every simple Query, do.
    mutating func forgetUnnamed() { unnamed.settled = nil }

    /// DEALLOCATE was confirmed, which was sent after so many preparations.
    mutating func deallocate(_ name: StatementName, after preparations: Int) {
        forget(name, after: preparations)
        update(name) { $0.settled = nil }
    }

    /// DEALLOCATE ALL or DISCARD ALL was confirmed.
    mutating func deallocateAll(after preparations: Int) {
        for name in Array(fromSQL.keys) { forget(name, after: preparations) }
        for name in Array(named.keys) { update(name) { $0.settled = nil } }
    }

    private mutating func forget(_ name: StatementName, after preparations: Int) {
        guard let known = fromSQL[name] else { return }
        let left = known.filter { $0.number.map { $0 > preparations } ?? true }
        fromSQL[name] = left.isEmpty ? nil : left
        fromSQLCount -= known.count - left.count
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
