/// What a Query or an Execute changes here once the server confirms it.
enum QueryEffects {
    case none
    /// DEALLOCATE of one name, the Query's only statement.
    case deallocate(StatementName, sent: StatementNames.Moment)
    /// DEALLOCATE ALL or DISCARD ALL, the Query's only statement.
    case deallocateAll(sent: StatementNames.Moment)
    /// DISCARD SEQUENCES, the Query's only statement.
    case discardSequences
}
