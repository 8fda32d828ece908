import SQLInspection

/// What a Query or an Execute changes here once the server confirms it.
enum QueryEffects {
    case none
    /// DEALLOCATE of one name.
    case deallocate(StatementName, sent: StatementNames.Moment)
    /// DEALLOCATE ALL or DISCARD ALL.
    case deallocateAll(sent: StatementNames.Moment)
    /// DISCARD SEQUENCES, the Query's only statement.
    case discardSequences
    /// PREPARE of a statement that the name did not stand for before, the Query's only statement.
    case prepare(StatementName, sent: StatementNames.Moment)
    /// Of several statements in one Query: what each changes, of `deallocate` and `deallocateAll`.
    case each([QueryEffects])

    /// What the statement at `index` of a Query changes.
    func ofStatement(_ index: Int) -> QueryEffects {
        guard case .each(let all) = self else { return self }
        return index < all.count ? all[index] : .none
    }

    /// Whether it only removes names: what follows in the same Query does not take that back.
    var isRemoval: Bool {
        switch self {
        case .deallocate, .deallocateAll: true
        case .none, .discardSequences, .prepare, .each: false
        }
    }

    /// What `facts` tell by themselves: what PREPARE changes is known when its statement has been judged.
    init(of facts: StatementFacts, sent moment: StatementNames.Moment) {
        switch (facts.preparedStatement, facts.discard) {
        case (.deallocate(let name), _): self = .deallocate(StatementName(sql: name), sent: moment)
        case (.deallocateAll, _), (nil, .all): self = .deallocateAll(sent: moment)
        case (nil, .sequences): self = .discardSequences
        default: self = .none
        }
    }
}
