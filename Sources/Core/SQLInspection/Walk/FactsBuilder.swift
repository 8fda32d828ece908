/// Facts of one statement while the walk collects them.
struct FactsBuilder: ~Copyable {
    var kinds: [StatementKind] = []
    var calls: [FunctionCall] = []
    var operators: [QualifiedName] = []
    var types: [TypeUse] = []
    var relations: [RelationUse] = []
    var attributes: [AttributeUse] = []
    var settings: [SettingUse] = []
    var collations: [QualifiedName] = []
    var constants: [Constant] = []
    var preparedStatement: PreparedStatementUse?
    var cursor: CursorUse?
    var transaction: TransactionControl?
    var sessionState: SessionState = []
    var copy: CopyDirection?
    var discard: DiscardTarget?
    var writes = false
    var parameterCount = 0
    private var parameterUses: [Int: (all: Int, asText: Int)] = [:]
    private var parameterCasts: [Int: Set<TypeUse>] = [:]
    /// The first reason; more would not change the verdict.
    private(set) var undecided: Undecided?

    /// Whether `constants` is not in the order of the text.
    private var isOutOfOrder = false

    mutating func refuse(_ reason: @autoclosure () -> Undecided) {
        if undecided == nil { undecided = reason() }
    }

    mutating func refuse(_ node: String, _ reason: String) {
        refuse(Undecided(node: node, reason: reason))
    }

    mutating func addParameter(_ number: Int) {
        parameterCount = max(parameterCount, number)
        parameterUses[number, default: (0, 0)].all += 1
    }

    private var sparseParameters: Set<Int> {
        parameterUses.count < parameterCount ? Set(parameterUses.keys) : []
    }

    /// The parameter that was added last stands under this cast.
    mutating func markParameter(_ number: Int, castTo type: TypeUse) {
        parameterCasts[number, default: []].insert(type)
        if type.isPlainText { parameterUses[number]?.asText += 1 }
    }

    mutating func addOperator(_ name: QualifiedName) {
        if operators.last != name { operators.append(name) }
    }

    /// Adds a constant and answers its index, which is good until `facts()`.
    mutating func addConstant(_ constant: Constant) -> Int {
        if constants.isEmpty { constants.reserveCapacity(4) }
        if let last = constants.last, Self.place(of: constant) < Self.place(of: last) { isOutOfOrder = true }
        constants.append(constant)
        return constants.count - 1
    }

    /// Constants without a place of their own come last.
    private static func place(of constant: Constant) -> Int {
        constant.offset < 0 ? .max : constant.offset
    }

    /// The facts, constants in the order of the text.
    consuming func facts() -> StatementFacts {
        if isOutOfOrder { sortConstants() }
        if kinds.isEmpty { kinds = [.unknown] }
        return StatementFacts(
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
            repeatedParameters: parameterUses.filter { $1.all > 1 && $1.all > $1.asText }.mapValues {
                $0.all - $0.asText
            },
            parameterCasts: parameterCasts,
            undecided: undecided
        )
    }

    private mutating func sortConstants() {
        let order = constants.indices.sorted {
            (Self.place(of: constants[$0]), $0) < (Self.place(of: constants[$1]), $1)
        }
        var newIndex = [Int](repeating: 0, count: order.count)
        for (new, old) in order.enumerated() { newIndex[old] = new }
        constants = order.map { constants[$0] }
        calls = calls.map { call in
            FunctionCall(
                name: call.name,
                place: call.place,
                arguments: call.arguments.map { Argument(name: $0.name, value: $0.value.renumbered(newIndex)) },
                isVariadic: call.isVariadic,
                hasStar: call.hasStar,
                offset: call.offset
            )
        }
        if case .execute(let name, let arguments) = preparedStatement {
            preparedStatement = .execute(name: name, arguments: arguments.map { $0.renumbered(newIndex) })
        }
        isOutOfOrder = false
    }
}

extension ArgumentValue {
    fileprivate func renumbered(_ newIndex: [Int]) -> ArgumentValue {
        switch self {
        case .constant(let index): .constant(newIndex[index])
        case .array(let elements): .array(elements.map { $0.renumbered(newIndex) })
        case .cast(let value, let type): .cast(value.renumbered(newIndex), type)
        case .parameter, .null, .boolean, .other: self
        }
    }
}
