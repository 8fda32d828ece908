@testable import SQLInspection

/// Everything a decider can see of a statement, comparable however its facts were found.
struct ObservedStatement: Equatable {
    struct ObservedConstant: Equatable {
        let kind: Constant.Kind
        let value: String
        let offset: Int
        let fixed: FixedReason?
        /// What the facts themselves say, for a constant whose place fixes its value.
        let fixedValue: String?
    }

    let range: Range<Int>
    let kinds: [StatementKind]
    let calls: [FunctionCall]
    let operators: [QualifiedName]
    let types: [TypeUse]
    let relations: [RelationUse]
    let attributes: [AttributeUse]
    let settings: [SettingUse]
    let collations: [QualifiedName]
    let constants: [ObservedConstant]
    let preparedStatement: PreparedStatementUse?
    let cursor: CursorUse?
    let transaction: TransactionControl?
    let sessionState: SessionState
    let copy: CopyDirection?
    let discard: DiscardTarget?
    let writes: Bool
    let parameterCount: Int
    let sparseParameters: Set<Int>
    let repeatedParameters: [Int: Int]
    let parameterCasts: [Int: Set<TypeUse>]
    let undecided: Undecided?

    /// How many stored properties of `StatementFacts` are compared: all of them.
    static let comparedProperties = 21

    init(_ facts: StatementFacts, range: Range<Int>, value: (Int) -> String, offset: (Int) -> Int) {
        self.range = range
        kinds = facts.kinds
        calls = facts.calls.map {
            FunctionCall(
                name: $0.name,
                place: $0.place,
                arguments: $0.arguments,
                isVariadic: $0.isVariadic,
                hasStar: $0.hasStar,
                offset: offset($0.offset)
            )
        }
        operators = facts.operators
        types = facts.types
        relations = facts.relations
        attributes = facts.attributes
        settings = facts.settings
        collations = facts.collations
        constants = facts.constants.enumerated().map { index, constant in
            ObservedConstant(
                kind: constant.kind,
                value: value(index),
                offset: offset(constant.offset),
                fixed: constant.fixed,
                fixedValue: constant.isInterchangeable ? nil : constant.value
            )
        }
        preparedStatement = facts.preparedStatement
        cursor = facts.cursor
        transaction = facts.transaction
        sessionState = facts.sessionState
        copy = facts.copy
        discard = facts.discard
        writes = facts.writes
        parameterCount = facts.parameterCount
        sparseParameters = facts.sparseParameters
        repeatedParameters = facts.repeatedParameters
        parameterCasts = facts.parameterCasts
        undecided = facts.undecided
    }
}

/// What is seen of a text: its statements, or why there are none.
enum ObservedText: Equatable {
    case statements([ObservedStatement])
    case failed(InspectionFailure)
    case needsWorker

    /// As the grammar alone sees it.
    init(parsing text: [UInt8]) {
        switch unsafe SQLParser.parse(text.span.bytes) {
        case .failed(let failure): self = .failed(failure)
        case .statements(let statements):
            self = .statements(
                statements.map { statement in
                    ObservedStatement(
                        statement.facts,
                        range: statement.range,
                        value: { statement.facts.constants[$0].value },
                        offset: { $0 }
                    )
                }
            )
        }
    }

    /// As an inspector sees it, and by which path.
    static func inspecting(_ text: [UInt8], with inspector: Inspector) -> (text: ObservedText, path: InspectionPath?) {
        switch unsafe inspector.inspect(text.span.bytes) {
        case .failed(let failure): return (.failed(failure), nil)
        case .needsWorker: return (.needsWorker, nil)
        case .inspected(let inspected, let path):
            let statements = inspected.statements.enumerated().map { number, statement in
                ObservedStatement(
                    statement.facts,
                    range: unsafe inspector.range(ofStatement: number, of: inspected, text: text.span.bytes),
                    value: {
                        unsafe inspector.literal($0, of: inspected, statement: number, text: text.span.bytes)
                    },
                    offset: { inspector.offset($0, in: inspected) }
                )
            }
            return (.statements(statements), path)
        }
    }
}
