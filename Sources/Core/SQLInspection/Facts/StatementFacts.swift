/// What one statement does, read from PostgreSQL's own parse tree in one walk: immutable, cached, shared by all plugins.
///
/// Everything a statement can reach is in one of the lists below, or `undecided` says why that cannot be promised.
/// A decider must deny a statement whose `undecided` is not nil.
public final class StatementFacts: Sendable {
    /// The statement's kind and, behind it, the kinds of the statements it carries: `EXPLAIN`, `SELECT` for
    /// `EXPLAIN SELECT …`; `DECLARE CURSOR`, `SELECT`; `SELECT`, `INSERT` for a data-modifying CTE. Never empty.
    public let kinds: [StatementKind]
    /// Every function call, wherever an expression can stand, in the order of the walk.
    public let calls: [FunctionCall]
    /// Every operator, those that syntax implies (`IN`, `BETWEEN`, `CASE x WHEN`, `USING`) among them.
    public let operators: [QualifiedName]
    /// Every type that is named: casts, column definition lists, typed literals, PREPARE's parameter types.
    public let types: [TypeUse]
    /// Every relation and how it is accessed. Names that a CTE in scope hides are not here.
    public let relations: [RelationUse]
    /// Every `x.f` and `(expr).f`: a column, or a call of the one-argument function `f`.
    public let attributes: [AttributeUse]
    /// Every setting that is set, reset or shown by SET, RESET, SHOW, SET TRANSACTION and the like.
    public let settings: [SettingUse]
    /// Collations named by COLLATE.
    public let collations: [QualifiedName]
    /// Constants in the order of their place in the text. Arguments refer to them by index.
    public let constants: [Constant]
    /// What SQL's PREPARE, EXECUTE or DEALLOCATE names.
    public let preparedStatement: PreparedStatementUse?
    /// What DECLARE, FETCH, MOVE or CLOSE names.
    public let cursor: CursorUse?
    /// BEGIN, COMMIT, ROLLBACK and the savepoint statements.
    public let transaction: TransactionControl?
    /// What the statement leaves behind in its session.
    public let sessionState: SessionState
    /// Whether the statement is `COPY … FROM STDIN` or `COPY … TO STDOUT`.
    public let copy: CopyDirection?
    /// What DISCARD throws away.
    public let discard: DiscardTarget?
    /// Whether the statement changes data, as far as its text tells (a function may write too).
    public let writes: Bool
    /// The highest `$n` in the statement, 0 without parameters.
    public let parameterCount: Int
    /// The parameters that stand in the statement, where some below `parameterCount` do not; empty where all do.
    public let sparseParameters: Set<Int>
    /// For parameters that stand in the statement more than once: how often otherwise than as `$n::text`. There the server
    /// may infer a type that holds for the other places too.
    public let repeatedParameters: [Int: Int]
    /// What parameters are cast to where they stand, by number: `$1::int`.
    public let parameterCasts: [Int: Set<TypeUse>]
    /// Why the walk cannot answer for the statement; nil when it can.
    public let undecided: Undecided?

    /// Facts with these values; everything left out is empty.
    public init(
        kinds: [StatementKind],
        calls: [FunctionCall] = [],
        operators: [QualifiedName] = [],
        types: [TypeUse] = [],
        relations: [RelationUse] = [],
        attributes: [AttributeUse] = [],
        settings: [SettingUse] = [],
        collations: [QualifiedName] = [],
        constants: [Constant] = [],
        preparedStatement: PreparedStatementUse? = nil,
        cursor: CursorUse? = nil,
        transaction: TransactionControl? = nil,
        sessionState: SessionState = [],
        copy: CopyDirection? = nil,
        discard: DiscardTarget? = nil,
        writes: Bool = false,
        parameterCount: Int = 0,
        sparseParameters: Set<Int> = [],
        repeatedParameters: [Int: Int] = [:],
        parameterCasts: [Int: Set<TypeUse>] = [:],
        undecided: Undecided? = nil
    ) {
        precondition(!kinds.isEmpty, "a statement has a kind, if only `unknown`")
        self.kinds = kinds
        self.calls = calls
        self.operators = operators
        self.types = types
        self.relations = relations
        self.attributes = attributes
        self.settings = settings
        self.collations = collations
        self.constants = constants
        self.preparedStatement = preparedStatement
        self.cursor = cursor
        self.transaction = transaction
        self.sessionState = sessionState
        self.copy = copy
        self.discard = discard
        self.writes = writes
        self.parameterCount = parameterCount
        self.sparseParameters = sparseParameters
        self.repeatedParameters = repeatedParameters
        self.parameterCasts = parameterCasts
        self.undecided = undecided
    }

    /// The same facts over other constants. Every stored property is named here; a test counts them.
    func replacingConstants(_ constants: [Constant]) -> StatementFacts {
        StatementFacts(
            kinds: kinds,
            calls: calls,
            operators: operators,
            types: types,
            relations: relations,
            attributes: attributes,
            settings: settings,
            collations: collations,
            constants: constants,
            preparedStatement: preparedStatement,
            cursor: cursor,
            transaction: transaction,
            sessionState: sessionState,
            copy: copy,
            discard: discard,
            writes: writes,
            parameterCount: parameterCount,
            sparseParameters: sparseParameters,
            repeatedParameters: repeatedParameters,
            parameterCasts: parameterCasts,
            undecided: undecided
        )
    }

    /// Whether the same parameters stand here as in `other`, and under the same casts wherever that has any. Which types
    /// the server will find for others cannot be told from a text.
    public func hasParameters(of other: StatementFacts) -> Bool {
        parameterCount == other.parameterCount && sparseParameters == other.sparseParameters
            && other.parameterCasts.allSatisfy { parameterCasts[$0] == $1 }
    }
}
