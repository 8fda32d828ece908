import PluginAPI
import PostgresWire
import SQLInspection

/// Verdicts on texts, on names that SQL shares with the protocol, and on parameters.
extension ClientSession {
    enum TextRuling {
        case admitted(Verdict)
        case denied(Substitute)
        case needsWorker
    }

    func rule(on text: RawSpan) -> TextRuling {
        if let verdict = heldVerdict.take() { return .admitted(verdict) }
        switch judge.rule(on: text, in: policy, parsed: takeInspection(of: text)) {
        case .admitted(let verdict):
            return .admitted(verdict)
        case .denied(let error):
            return .denied(Substitute(error, yieldsToAbortedTransaction: true))
        case .failed(let failure):
            return .denied(Substitute(failure.errorResponse, yieldsToAbortedTransaction: false))
        case .needsWorker:
            textToInspect = text.array(0..<text.byteCount)
            isInspecting = true
            return .needsWorker
        }
    }

    /// What a worker made of this very text. Its message may have been skipped meanwhile, by an error of the server's:
    /// then another text stands here, and none is ever judged by the parse of another.
    private func takeInspection(of text: RawSpan) -> ParsedText? {
        guard let (inspected, parsed) = inspectedElsewhere.take() else { return nil }
        return unsafe text.withUnsafeBytes { unsafe $0.elementsEqual(inspected) } ? parsed : nil
    }

    // MARK: PREPARE, EXECUTE, DEALLOCATE, DISCARD

    enum NameRuling {
        case effects(QueryEffects)
        case denied(Substitute)
        case undetermined
    }

    /// Judges what a text does with prepared statements' names, and notes what it prepares.
    func judgeNames(in verdict: Verdict, _ text: RawSpan, isSimpleQuery: Bool) -> NameRuling {
        var effects = QueryEffects.none
        for (index, facts) in verdict.statements.enumerated() {
            switch facts.preparedStatement {
            case .prepare(let name, let types):
                // In extended protocol PREPARE prepares anew whenever it runs, after any DEALLOCATE seen here.
                guard isSimpleQuery else { return .denied(.inExtendedProtocol("PREPARE")) }
                guard names.count < limits.maximumPreparedStatements else {
                    return .denied(.tooManyStatements(limits.maximumPreparedStatements))
                }
                guard let statement = prepared(verdict, index: index, text, parameterTypes: types.map(\.parameterOID))
                else {
                    return .denied(.forgottenLiterals)
                }
                names.addFromSQL(StatementName(sql: name), statement)
            case .execute(let name, let arguments):
                // In extended protocol EXECUTE finds its statement when it runs, long after this look at it.
                guard isSimpleQuery else { return .denied(.inExtendedProtocol("EXECUTE")) }
                guard let constants = judge.constants(of: verdict, statement: index, in: text) else {
                    return .denied(.forgottenLiterals)
                }
                let kinds = facts.constants.map(\.kind)
                let parameters = ExecuteParameters(arguments: arguments, constants: constants, kinds: kinds)
                if let ruling = judgeExecute(StatementName(sql: name), parameters) { return ruling }
            case .deallocate(let name):
                effects = .deallocate(StatementName(sql: name), sent: names.now)
            case .deallocateAll:
                effects = .deallocateAll(sent: names.now)
            case nil:
                if facts.discard == .all { effects = .deallocateAll(sent: names.now) }
                if facts.discard == .sequences { effects = .discardSequences }
            }
        }
        return .effects(isSimpleQuery && verdict.statements.count == 1 ? effects : .none)
    }

    private func judgeExecute(
        _ name: StatementName,
        _ parameters: ExecuteParameters
    ) -> NameRuling? {
        guard let candidates = names.candidates(name, batch: batch) else { return .undetermined }
        guard !candidates.isEmpty else { return .denied(.unknownStatement(name, isInSQL: true)) }
        if candidates.contains(where: \.copiesFromClient) { executesCopy = true }
        for statement in candidates where !statement.verdict.inspectedParameters.isEmpty {
            var parameters = parameters
            parameters.types = statement.parameterTypes
            if let substitute = judge(statement, parameters) { return .denied(substitute) }
        }
        return nil
    }

    // MARK: Bind

    /// Judges the parameters of a Bind that is there in full. nil lets it pass.
    func judgeParameters(of statement: PreparedStatement, in body: RawSpan) -> Substitute? {
        guard let message = try? BindMessage(body) else { return .malformed }
        return judge(
            statement,
            BindParameters(
                message,
                body,
                wanted: statement.verdict.inspectedParameters,
                types: statement.parameterTypes
            )
        )
    }

    private func judge(_ statement: PreparedStatement, _ parameters: some ParameterSource) -> Substitute? {
        judge.refusal(of: statement, parameters).map { Substitute($0, yieldsToAbortedTransaction: true) }
    }
}

/// The parameters of a Bind that somebody asked for, decoded.
struct BindParameters: ParameterSource {
    let count: Int
    private let values: [Int: ParameterValue]

    init(_ message: BindMessage, _ body: RawSpan, wanted: Set<Int>, types: [UInt32]) {
        count = message.parameters.count
        var values: [Int: ParameterValue] = [:]
        for number in wanted where message.parameters.indices.contains(number - 1) {
            values[number] = Self.value(message, body, index: number - 1, types: types)
        }
        self.values = values
    }

    func value(ofParameter number: Int) -> ParameterValue { values[number] ?? .unknown }

    private static func value(
        _ message: BindMessage,
        _ body: RawSpan,
        index: Int,
        types: [UInt32]
    ) -> ParameterValue {
        guard let range = message.parameters[index] else { return .null }
        let type = index < types.count ? types[index] : 0
        switch message.format(of: index) {
        case 0:
            let bytes = body.array(range)
            guard let text = String(validating: bytes, as: UTF8.self) else { return .unknown }
            return .text(text, type: type)
        case 1:
            return .binary(body.array(range), type: type)
        default:
            return .unknown
        }
    }
}

/// EXECUTE's arguments, as far as they are constants.
struct ExecuteParameters: ParameterSource {
    let arguments: [ArgumentValue]
    let constants: [String]
    let kinds: [Constant.Kind]
    /// The types that PREPARE declared.
    var types: [UInt32] = []

    var count: Int { arguments.count }

    func value(ofParameter number: Int) -> ParameterValue {
        guard arguments.indices.contains(number - 1) else { return .unknown }
        let type = number <= types.count ? types[number - 1] : 0
        switch arguments[number - 1] {
        case .constant(let index) where kinds[index] == .string:
            return .text(constants[index], type: type)
        case .constant(let index) where kinds[index] != .bitString && (type == 0 || TypeUse.numberOIDs.contains(type)):
            return .text(constants[index], type: TypeUse.numericOID)
        case .cast(.constant(let index), let cast) where kinds[index] == .string && cast.keepsText:
            return .text(constants[index], type: type)
        case .null, .cast(.null, _):
            return .null
        default:
            return .unknown
        }
    }
}

extension TypeUse {
    /// Whether a string cast to this type is still that string: no modifier cuts it, no input function rewrites it.
    fileprivate var keepsText: Bool {
        guard !isArray, !isSet, !hasModifier, !isColumnReference, name.database == nil,
            name.schema == nil || name.schema == "pg_catalog"
        else { return false }
        return ["text", "varchar", "json", "jsonb"].contains(name.name)
    }

    static let numericOID: UInt32 = 1700
    static let numberOIDs: Set<UInt32> = [20, 21, 23, 700, 701, numericOID]
    /// OIDs of PostgreSQL's pg_type.dat, which never change: the type, and its array type.
    private static let plainOIDs: [String: (scalar: UInt32, array: UInt32)] = [
        "text": (25, 1009), "varchar": (1043, 1015), "json": (114, 199), "jsonb": (3802, 3807), "bool": (16, 1000),
        "int2": (21, 1005), "int4": (23, 1007), "int8": (20, 1016), "float4": (700, 1021), "float8": (701, 1022),
        "numeric": (numericOID, 1231),
    ]
    /// No type has it, so that no plugin takes it for one it knows.
    private static let unknownOID = UInt32.max

    /// The OID that stands for this type among a statement's parameter types.
    fileprivate var parameterOID: UInt32 {
        guard !isSet, !isColumnReference, name.database == nil, name.schema == nil || name.schema == "pg_catalog",
            let type = Self.plainOIDs[name.name]
        else { return Self.unknownOID }
        return isArray ? type.array : type.scalar
    }
}
