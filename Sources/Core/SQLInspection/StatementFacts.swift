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
    /// For parameters that stand in the statement more than once: how often otherwise than as `$n::text`. There the server
    /// may infer a type that holds for the other places too.
    public let repeatedParameters: [Int: Int]
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
        repeatedParameters: [Int: Int] = [:],
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
        self.repeatedParameters = repeatedParameters
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
            repeatedParameters: repeatedParameters,
            undecided: undecided
        )
    }
}

/// A statement's kind, by the words PostgreSQL uses for it. What the walk has no rules for is `unknown`.
public enum StatementKind: String, Sendable, Hashable, CaseIterable {
    case select = "SELECT"
    case insert = "INSERT"
    case update = "UPDATE"
    case delete = "DELETE"
    case merge = "MERGE"
    case explain = "EXPLAIN"
    case declareCursor = "DECLARE CURSOR"
    case fetch = "FETCH"
    case move = "MOVE"
    case closeCursor = "CLOSE"
    case prepare = "PREPARE"
    case execute = "EXECUTE"
    case deallocate = "DEALLOCATE"
    case begin = "BEGIN"
    case commit = "COMMIT"
    case rollback = "ROLLBACK"
    case savepoint = "SAVEPOINT"
    case release = "RELEASE"
    case prepareTransaction = "PREPARE TRANSACTION"
    case commitPrepared = "COMMIT PREPARED"
    case rollbackPrepared = "ROLLBACK PREPARED"
    case set = "SET"
    case reset = "RESET"
    case show = "SHOW"
    case discard = "DISCARD"
    case copyFrom = "COPY FROM"
    case copyTo = "COPY TO"
    case truncate = "TRUNCATE"
    case lock = "LOCK"
    case listen = "LISTEN"
    case unlisten = "UNLISTEN"
    case notify = "NOTIFY"
    case createTableAs = "CREATE TABLE AS"
    case unknown
}

/// A name as PostgreSQL's parser gives it: case folded, quotes and Unicode escapes resolved, cut to 63 bytes.
public struct QualifiedName: Sendable, Hashable, CustomStringConvertible {
    /// The database part of a three-part name.
    public let database: String?
    /// The schema, or nil when the name is looked up along search_path.
    public let schema: String?
    /// The last part: what is named.
    public let name: String

    /// A name of one to three parts.
    public init(database: String? = nil, schema: String? = nil, _ name: String) {
        self.database = database
        self.schema = schema
        self.name = name
    }

    /// The form in which logs and errors show it.
    public var description: String {
        [database, schema, name].compactMap { $0 }.joined(separator: ".")
    }

    /// By bytes, as PostgreSQL compares: Swift's own comparison takes canonically equivalent spellings for the same.
    public static func == (left: QualifiedName, right: QualifiedName) -> Bool {
        func areSame(_ left: String?, _ right: String?) -> Bool {
            switch (left, right) {
            case (nil, nil): true
            case (let left?, let right?): left.utf8.elementsEqual(right.utf8)
            default: false
            }
        }
        return areSame(left.database, right.database) && areSame(left.schema, right.schema)
            && areSame(left.name, right.name)
    }
}

/// One call of a function.
public struct FunctionCall: Sendable, Hashable {
    /// The function, as written.
    public let name: QualifiedName
    /// Where in the statement the call stands.
    public let place: SyntacticPlace
    /// The arguments in their order.
    public let arguments: [Argument]
    /// `f(VARIADIC array)`: the last argument is an array of arguments.
    public let isVariadic: Bool
    /// `count(*)`.
    public let hasStar: Bool
    /// Byte offset in the statement's text, -1 where the grammar gives none.
    public let offset: Int

    /// A call with these arguments.
    public init(
        name: QualifiedName,
        place: SyntacticPlace,
        arguments: [Argument],
        isVariadic: Bool = false,
        hasStar: Bool = false,
        offset: Int = -1
    ) {
        self.name = name
        self.place = place
        self.arguments = arguments
        self.isVariadic = isVariadic
        self.hasStar = hasStar
        self.offset = offset
    }
}

/// One argument of a call: by position, or by name (`kwargs => …`).
public struct Argument: Sendable, Hashable {
    /// The name in named notation.
    public let name: String?
    /// What is known of the value.
    public let value: ArgumentValue

    /// An argument, named or by position.
    public init(name: String? = nil, value: ArgumentValue) {
        self.name = name
        self.value = value
    }
}

/// What can be known of an argument's value.
public enum ArgumentValue: Sendable, Hashable {
    /// A literal; index into `StatementFacts.constants`.
    case constant(Int)
    /// `$n`, counted from 1.
    case parameter(Int)
    case null
    case boolean(Bool)
    /// `ARRAY[…]`.
    case array([ArgumentValue])
    /// `value::type`, `CAST(value AS type)`, `type 'value'`.
    indirect case cast(ArgumentValue, TypeUse)
    /// A column or any other expression: not knowable here.
    case other
}

/// A literal in the text.
public struct Constant: Sendable, Hashable {
    /// Which of the lexer's kinds of literals it is.
    public enum Kind: Sendable, Hashable {
        case string
        /// An integer that fits int4.
        case integer
        /// A decimal, or an integer beyond int4.
        case decimal
        /// `B'…'` and `X'…'`.
        case bitString
    }

    /// The kind of literal.
    public let kind: Kind
    /// The value as PostgreSQL's lexer read it: escapes resolved, quotes gone, a folded sign in front.
    public let value: String
    /// Byte offset of the literal's first byte (of its sign, where the grammar folded one in); -1 when unknown.
    public let offset: Int
    /// Why facts or meaning depend on the literal's value, nil where any other literal of its kind would do as well
    /// (see `TemplateAdmission`).
    public let fixed: FixedReason?
    /// Whether facts are the same whatever the literal's value is.
    public var isInterchangeable: Bool { fixed == nil }

    /// A literal with these properties.
    public init(kind: Kind, value: String, offset: Int, fixed: FixedReason? = nil) {
        self.kind = kind
        self.value = value
        self.offset = offset
        self.fixed = fixed
    }
}

/// A place in which a constant's value is part of what the statement means, not only of what it computes with.
public enum FixedReason: String, Sendable, Hashable, CaseIterable {
    /// ORDER BY, GROUP BY and DISTINCT ON: an integer is the number of a column.
    case sortPosition
    /// `varchar(10)`: part of a type.
    case typeModifier
    /// `interval '1 day'`: read by the type's input function while the statement is analysed.
    case typedLiteral
    /// A cast to regclass and its kin: the value names an object.
    case objectName
    /// SET and its kin.
    case settingValue
    /// An option of a utility statement: EXPLAIN, COPY, FETCH, LOCK and others.
    case utilityOption
    /// COPY's file or program.
    case copyTarget
    /// DO and CREATE FUNCTION.
    case functionBody
    /// Any other place for which the walk does not promise that the value is free.
    case other
}

/// A type that the statement names.
public struct TypeUse: Sendable, Hashable {
    /// The type, as written; built-in spellings such as `int` come as `pg_catalog.int4`.
    public let name: QualifiedName
    /// `name[]` in any number of dimensions.
    public let isArray: Bool
    /// `SETOF name`.
    public let isSet: Bool
    /// `name(…)`: a type modifier may cut or refuse the value.
    public let hasModifier: Bool
    /// `table.column%TYPE`.
    public let isColumnReference: Bool

    /// A type that is named in this way.
    public init(
        name: QualifiedName,
        isArray: Bool = false,
        isSet: Bool = false,
        hasModifier: Bool = false,
        isColumnReference: Bool = false
    ) {
        self.name = name
        self.isArray = isArray
        self.isSet = isSet
        self.hasModifier = hasModifier
        self.isColumnReference = isColumnReference
    }
}

/// A relation and one way in which it is accessed.
public struct RelationUse: Sendable, Hashable {
    /// What is done with a relation.
    public enum Access: String, Sendable, Hashable, CaseIterable {
        case select, insert, update, delete, truncate, lock, create
    }

    /// The relation, as written.
    public let name: QualifiedName
    /// What is done with it.
    public let access: Access

    /// One access to one relation.
    public init(name: QualifiedName, access: Access) {
        self.name = name
        self.access = access
    }
}

/// `x.f` or `(expr).f`, which PostgreSQL reads as a column or, failing that, as the call `f(x)`.
public struct AttributeUse: Sendable, Hashable {
    /// What the attribute is taken from.
    public enum Base: Sendable, Hashable {
        /// A FROM item by its name: `f` must take a row.
        case fromItem
        /// Any expression: `f` may take anything.
        case expression
    }

    /// The attribute: a column, or a function.
    public let name: String
    /// What it is taken from.
    public let base: Base

    /// One use of an attribute.
    public init(name: String, base: Base) {
        self.name = name
        self.base = base
    }
}

/// A setting and what is done with it.
public struct SettingUse: Sendable, Hashable {
    /// What is done with a setting; values as the text gives them, not as PostgreSQL would normalise them.
    public enum Action: Sendable, Hashable {
        case set(values: [String])
        case setLocal(values: [String])
        /// SET … TO DEFAULT and RESET.
        case reset
        case resetAll
        case show
        case showAll
    }

    /// Lower case; empty for RESET ALL and SHOW ALL.
    public let name: String
    /// What is done with it.
    public let action: Action

    /// One use of one setting.
    public init(name: String, action: Action) {
        self.name = name
        self.action = action
    }
}

/// SQL's own handling of prepared statements, whose names are the protocol's too.
public enum PreparedStatementUse: Sendable, Hashable {
    case prepare(name: String, parameterTypes: [TypeUse])
    case execute(name: String, arguments: [ArgumentValue])
    case deallocate(name: String)
    case deallocateAll
}

/// SQL's own handling of cursors, whose names are the protocol's portals.
public enum CursorUse: Sendable, Hashable {
    case declare(name: String, isHoldable: Bool)
    case fetch(name: String)
    case close(name: String)
    case closeAll
}

/// Where a transaction begins, ends or branches.
public enum TransactionControl: Sendable, Hashable {
    case begin
    case commit(chain: Bool)
    case rollback(chain: Bool)
    case savepoint(String)
    case release(String)
    case rollbackTo(String)
    case twoPhase
}

/// What a statement leaves in its session beyond its transaction.
public struct SessionState: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt16
    /// The state with these bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A setting of the session has another value.
    public static let settings = SessionState(rawValue: 1 << 0)
    /// A prepared statement exists.
    public static let preparedStatements = SessionState(rawValue: 1 << 1)
    /// A temporary object exists.
    public static let temporaryObjects = SessionState(rawValue: 1 << 2)
    /// The session listens on a channel.
    public static let notifications = SessionState(rawValue: 1 << 3)
    /// A WITH HOLD cursor outlives its transaction.
    public static let heldCursors = SessionState(rawValue: 1 << 4)
    /// The session acts as another role.
    public static let role = SessionState(rawValue: 1 << 5)
}

/// The direction of a COPY whose data crosses the protocol.
public enum CopyDirection: Sendable, Hashable {
    case fromClient
    case toClient
}

/// What DISCARD throws away.
public enum DiscardTarget: Sendable, Hashable {
    case all, plans, sequences, temporary
}

/// Where in a statement a call stands.
public enum SyntacticPlace: String, Sendable, Hashable {
    case targetList = "target list"
    case from = "FROM"
    case `where` = "WHERE"
    case groupBy = "GROUP BY"
    case having = "HAVING"
    case window = "WINDOW"
    case orderBy = "ORDER BY"
    case limit = "LIMIT"
    case values = "VALUES"
    case returning = "RETURNING"
    case onConflict = "ON CONFLICT"
    case set = "SET"
    case parameters = "EXECUTE parameters"
    case other = "elsewhere"
}

/// Why the walk cannot answer for a statement.
public struct Undecided: Sendable, Hashable, CustomStringConvertible {
    /// PostgreSQL's name of the node type or field, for example `CreateFunctionStmt` or `SelectStmt.intoClause`.
    public let node: String
    /// One sentence for the operator.
    public let reason: String

    /// A reason that names the node it is about.
    public init(node: String, reason: String) {
        self.node = node
        self.reason = reason
    }

    /// The form in which logs and errors show it.
    public var description: String { "\(node): \(reason)" }
}
