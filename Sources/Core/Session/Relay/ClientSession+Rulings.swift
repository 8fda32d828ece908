import PluginAPI
import PostgresWire
import SQLInspection

/// Verdicts on texts, on names that SQL shares with the protocol, and on parameters.
extension ClientSession {
    enum TextRuling {
        case admitted(Verdict)
        indirect case denied(Substitute)
        case needsWorker
    }

    func rule(on text: RawSpan) -> TextRuling {
        if let verdict = heldVerdict.take() { return .admitted(verdict) }
        switch judge.rule(on: text, in: policy, parsed: takeInspection(of: text)) {
        case .admitted(let verdict):
            return .admitted(verdict)
        case .denied(let refusal):
            return .denied(Substitute(refusal, yieldsToAbortedTransaction: true))
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
        guard let inspected = inspectedElsewhere.take() else { return nil }
        return unsafe text.withUnsafeBytes { unsafe $0.elementsEqual(inspected.text) } ? inspected.parsed : nil
    }

    // MARK: PREPARE, EXECUTE, DEALLOCATE, DISCARD

    enum NameRuling {
        case effects(QueryEffects)
        /// `at`: which of the statements.
        case denied(Substitute, at: Int)
        case undetermined
    }

    /// Judges what a text does with prepared statements' names, and notes what it prepares.
    func judgeNames(in verdict: Verdict, _ text: RawSpan, isSimpleQuery: Bool) -> NameRuling {
        var all: [QueryEffects] = []
        for (index, facts) in verdict.statements.enumerated() {
            var effects = QueryEffects.none
            switch facts.preparedStatement {
            case .prepare(let name, let types):
                // In extended protocol PREPARE prepares anew whenever it runs, after any DEALLOCATE seen here.
                guard isSimpleQuery else { return .denied(.inExtendedProtocol("PREPARE"), at: index) }
                guard names.count < limits.maximumPreparedStatements else {
                    return .denied(.tooManyStatements(limits.maximumPreparedStatements), at: index)
                }
                guard let statement = prepared(verdict, index: index, text, parameterTypes: types.map(\.parameterOID))
                else {
                    return .denied(.forgottenLiterals, at: index)
                }
                if names.addFromSQL(StatementName(sql: name), statement) {
                    effects = .prepare(StatementName(sql: name), sent: names.now)
                }
            case .execute(let name, let arguments):
                // In extended protocol EXECUTE finds its statement when it runs, long after this look at it.
                guard isSimpleQuery else { return .denied(.inExtendedProtocol("EXECUTE"), at: index) }
                guard let constants = judge.constants(of: verdict, statement: index, in: text) else {
                    return .denied(.forgottenLiterals, at: index)
                }
                let kinds = facts.constants.map(\.kind)
                let parameters = ExecuteParameters(arguments: arguments, constants: constants, kinds: kinds)
                let name = StatementName(sql: name)
                if let ruling = judgeExecute(name, parameters, at: index) { return ruling }
                if let executed = names.settled(name)?.verdict.statements.first {
                    effects = QueryEffects(of: executed, sent: names.now)
                }
            case .deallocate, .deallocateAll, nil:
                effects = QueryEffects(of: facts, sent: names.now)
            }
            all.append(effects)
        }
        guard isSimpleQuery else { return .effects(.none) }
        return .effects(all.count == 1 ? all[0] : .each(all.map { $0.isRemoval ? $0 : .none }))
    }

    private func judgeExecute(
        _ name: StatementName,
        _ parameters: ExecuteParameters,
        at index: Int
    ) -> NameRuling? {
        guard let candidates = names.candidates(name, batch: batch) else { return .undetermined }
        guard !candidates.isEmpty else { return .denied(.unknownStatement(name, isInSQL: true), at: index) }
        guard !candidates.contains(where: { $0.verdict.context.generation != policy.generation }) else {
            return .denied(.ofEarlierPolicy, at: index)
        }
        if candidates.contains(where: \.copiesFromClient) { executesCopy = true }
        if candidates.contains(where: { $0.verdict.places != nil }) { executesRewritten = true }
        for statement in candidates where !statement.verdict.inspectedParameters.isEmpty {
            var parameters = parameters
            parameters.types = statement.parameterTypes
            if let refusal = refusal(of: statement, parameters) {
                return .denied(Substitute(refusal, yieldsToAbortedTransaction: true), at: index)
            }
        }
        return nil
    }

    // MARK: Bind

    /// Judges the parameters of a Bind that is there in full. nil lets it pass.
    func judgeParameters(of statement: PreparedStatement, in body: RawSpan) -> Substitute? {
        guard let message = try? BindMessage(body) else { return .malformed }
        let wanted = statement.verdict.inspectedParameters
        let parameters = BindParameters(message, body, wanted: wanted, types: statement.parameterTypes)
        guard var refusal = refusal(of: statement, parameters) else { return nil }
        refusal.statements = statement.verdict.judged
        refusal.index = statement.index
        return Substitute(refusal, yieldsToAbortedTransaction: true)
    }

    private func refusal(of statement: PreparedStatement, _ parameters: some ParameterSource) -> Refusal? {
        judge.refusal(of: statement, parameters) { report in
            let judged = statement.verdict.judged
            tell(report, judged.indices.contains(statement.index) ? judged[statement.index] : nil)
        }
    }
}
