import PluginAPI
import PostgresWire
import SQLInspection

/// Query, Parse, Bind, Describe and Close: the messages that name statements or bring them.
extension ClientSession {
    // MARK: Query

    func fateOfQuery(_ bytes: RawSpan, _ start: Int, available: Int, isWhole: Bool) -> MessageFate {
        guard readsStatements else {
            expectations.append(.query(.none, dropsUnnamed: false))
            return .pass
        }
        guard isWhole else { return denyQuery(.tooLong(judge.maximumStatementBytes)) }
        let body = bytes.extracting(start + MessageHeader.size..<start + available)
        // Looked at before: the message was held for want of a server connection.
        if let verdict = heldVerdict.take() {
            return submit(verdict, body.extracting(0..<body.byteCount - 1), available: available)
        }
        guard let end = body.firstNull(from: 0), end == body.byteCount - 1 else {
            return denyQuery(.malformed)
        }
        let text = body.extracting(0..<end)
        switch rule(on: text) {
        case .needsWorker:
            return .inspect
        case .denied(let substitute):
            return denyQuery(substitute, text)
        case .admitted(let verdict):
            return submit(verdict, text, available: available)
        }
    }

    /// What the gates say of a text that was refused before it came to them.
    private func afterGates(_ substitute: Substitute) -> Substitute {
        guard policy.hasGates else { return substitute }
        return Substitute(
            admitRefused(substitute.refusal),
            yieldsToAbortedTransaction: substitute.yieldsToAbortedTransaction
        )
    }

    /// An admitted Query is sent once there is a server connection, and all that has to be done there before.
    private func submit(_ verdict: Verdict, _ text: RawSpan, available: Int) -> MessageFate {
        if policy.hasGates, !areGatesOpen(to: verdict), let fate = held(verdict, text) { return fate }
        guard server != nil else { return lease(for: verdict) }
        if verdict.effects != nil || verdict.touchesNames, let fate = prerequisite(of: verdict) { return fate }
        return send(verdict, text, available: available)
    }

    /// What the gates say to a Query; nil lets it go on.
    private func held(_ verdict: Verdict, _ text: RawSpan) -> MessageFate? {
        var executed: [Int: ExecutedStatement] = [:]
        if verdict.touchesNames {
            guard let found = executedStatements(of: verdict, text) else {
                heldVerdict = verdict
                return .wait
            }
            executed = found
        }
        let outcome = admit(
            verdict.judged,
            constants: verdict.gatesWantValues ? constants(of: verdict, in: text) : [],
            executed: executed
        )
        return fate(by: outcome, keeping: verdict) { denyQuery($0, text, gatesKnow: true) }
    }

    private func constants(of verdict: Verdict, in text: RawSpan) -> [[String]?] {
        verdict.judged.indices.map { judge.constants(of: verdict, statement: $0, in: text) }
    }

    /// The same message is shown again once a server connection is there, for nothing is under way that could skip it; it
    /// need not be judged again.
    private func lease(for verdict: Verdict) -> MessageFate {
        heldVerdict = verdict
        return .lease
    }

    private func send(_ verdict: Verdict, _ text: RawSpan, available: Int) -> MessageFate {
        var effects = QueryEffects.none
        executesCopy = false
        executesRewritten = false
        if verdict.touchesNames {
            switch judgeNames(in: verdict, text, isSimpleQuery: true) {
            case .undetermined: return .wait
            case .denied(let substitute, let index):
                return denyQuery(substitute.about(verdict.judged, at: index), text, gatesKnow: true)
            case .effects(let known): effects = known
            }
        }
        noteQuery(verdict)
        expectations.append(.query(effects, dropsUnnamed: dropUnnamedStatement()))
        noteRewrite(of: verdict)
        if executesRewritten { noteRewriteOfExecuted() }
        noteRuns(of: verdict, text)
        if verdict.touchesNames { noteNameChange() }
        if verdict.copiesFromClient || executesCopy { expectCopyIn(mayRepeat: verdict.statements.count > 1) }
        guard let replacement = verdict.replacement else { return .pass }
        toServer.appendQuery(replacement)
        return .replace
    }

    private func noteQuery(_ verdict: Verdict) {
        noteEffects(of: verdict)
        guard poolMode == .transaction else { return }
        dropUnnamedOnServer()
        server?.doubtPins()
        // What several statements do with names is confirmed in no order that could be told.
        if verdict.touchesNames, verdict.statements.count > 1 { server?.statements.doubtAll() }
    }

    /// Every simple Query drops the unnamed statement, whether it succeeds or not, and the unnamed portal.
    ///
    /// - Returns: whether there is one to drop.
    private func dropUnnamedStatement() -> Bool {
        hasUnnamedPortal = false
        guard names.hasUnnamed else { return false }
        names.sendRemoval(.unnamed, batch: batch)
        return true
    }

    private func dropUnnamedOnServer() {
        if lease.isUnsynced, let server, server.unnamedStatement != 0 {
            lease.unnamedBeforeQuery = server.unnamedStatement
        }
        lease.isUnsynced = false
        server?.unnamedStatement = 0
    }

    /// An error in its batch has skipped a Query.
    func keepUnnamedOnServer() {
        if let server, server.unnamedStatement == 0 { server.unnamedStatement = lease.unnamedBeforeQuery }
        lease.unnamedBeforeQuery = 0
    }

    /// - Parameter gatesKnow: the gates have been asked about it already.
    func denyQuery(_ refused: Substitute, _ text: RawSpan? = nil, gatesKnow: Bool = false) -> MessageFate {
        let substitute = gatesKnow ? refused : afterGates(refused)
        noteRefusal(substitute.refusal, text)
        if answersAlone { return answerQuery(substitute.error) }
        dropUnnamedOnServer()
        expectations.append(.substituteQuery(substitute, dropsUnnamed: dropUnnamedStatement()))
        toServer.appendQuery(Substitute.text)
        return .replace
    }

    func denyFunctionCall() -> MessageFate {
        let error = ErrorResponse(
            .insufficientPrivilege,
            "function calls by OID are not allowed",
            detail: "The protocol's FunctionCall message names a function by its number, which no rule can judge.",
            hint: "Call the function in a SELECT."
        )
        return denyQuery(Substitute(error, yieldsToAbortedTransaction: true))
    }

    // MARK: Parse

    func fateOfParse(_ bytes: RawSpan, _ start: Int, available: Int, isWhole: Bool) -> MessageFate {
        let body = bytes.extracting(start + MessageHeader.size..<start + available)
        guard readsStatements else {
            expectations.append(.parse(.unnamed, nil, at: nil))
            return .pass
        }
        guard isWhole else {
            let dropsUnnamed = body.byteCount > 0 && body.byte(at: 0) == 0
            return denyParse(.tooLong(judge.maximumStatementBytes), dropsUnnamed: dropsUnnamed)
        }
        let message: ParseMessage
        do {
            message = try ParseMessage(body)
        } catch {
            return denyParse(.malformed, dropsUnnamed: false)
        }
        let isUnnamed = message.name.isEmpty
        guard let name = StatementName(body, message.name) else {
            return denyParse(.unusableName, dropsUnnamed: false)
        }
        if !isUnnamed, names.count >= limits.maximumPreparedStatements {
            return denyParse(.tooManyStatements(limits.maximumPreparedStatements), dropsUnnamed: false)
        }
        let text = body.extracting(message.text)
        switch rule(on: text) {
        case .needsWorker:
            return .inspect
        case .denied(let substitute):
            return denyParse(substitute, dropsUnnamed: isUnnamed, text)
        case .admitted(let verdict):
            guard server != nil else {
                let behind = bytes.extracting(start + available..<bytes.byteCount)
                if policy.hasGates, !areGatesOpen(to: verdict),
                    let fate = held(behind: verdict, message, body, size: available, behind)
                {
                    return fate
                }
                return lease(for: verdict)
            }
            return send(verdict, name, message, bytes.extracting(start..<start + available))
        }
    }

    /// - Parameter bytes: all of the message.
    private func send(
        _ verdict: Verdict,
        _ name: StatementName,
        _ message: ParseMessage,
        _ bytes: RawSpan
    ) -> MessageFate {
        let body = bytes.extracting(MessageHeader.size..<bytes.byteCount)
        let text = body.extracting(message.text)
        if verdict.touchesNames {
            switch judgeNames(in: verdict, text, isSimpleQuery: false) {
            case .undetermined: return .wait
            case .denied(let substitute, _):
                return denyParse(substitute.about(verdict.judged), dropsUnnamed: name.isUnnamed, text)
            case .effects: break
            }
        }
        let types = message.typeCount == 0 ? [] : message.parameterTypes(in: body)
        if !types.isEmpty,
            let refusal = judge.refusal(ofParameterTypes: types, in: policy, report: { tell($0, nil) })
        {
            let substitute = Substitute(refusal, yieldsToAbortedTransaction: true)
            return denyParse(substitute.about(verdict.judged), dropsUnnamed: name.isUnnamed, text)
        }
        guard let statement = prepared(verdict, text, isNamed: !name.isUnnamed, parameterTypes: types) else {
            let substitute = Substitute.forgottenLiterals.about(verdict.judged)
            return denyParse(substitute, dropsUnnamed: name.isUnnamed, text)
        }
        if policy.wantsTexts { statement.text = StatementText(text) }
        guard poolMode == .session else { return share(statement, name, text, types, bytes) }
        if !name.isUnnamed { statement.judgedText = text.array(0..<text.byteCount) }
        names.sendDefinition(name, statement, batch: batch)
        expectations.append(.parse(name, statement, at: nil))
        guard let replacement = verdict.replacement else { return .pass }
        noteRewrite(of: verdict)
        toServer.appendParse(name: body.array(message.name), text: replacement, parameterTypes: types)
        return .replace
    }

    /// The statement that `text` prepares, with what a decider will want to know when it sees parameters.
    func prepared(
        _ verdict: Verdict,
        index: Int = 0,
        _ text: RawSpan,
        isNamed: Bool = false,
        parameterTypes: @autoclosure () -> [UInt32]
    ) -> PreparedStatement? {
        guard verdict.readsValues else {
            guard isNamed || policy.wantsTexts else { return verdict.sharedStatement }
            return PreparedStatement(verdict: verdict, index: index, constants: [], parameterTypes: [])
        }
        guard let constants = judge.constants(of: verdict, statement: index, in: text) else { return nil }
        return PreparedStatement(verdict: verdict, index: index, constants: constants, parameterTypes: parameterTypes())
    }

    /// Judges anew what was prepared before the session went over to another chain. nil lets the Bind go on.
    private func judgeAgain(_ candidates: CandidateStatements) -> MessageFate? {
        for statement in candidates where statement.verdict.context.generation != policy.generation {
            guard let bytes = statement.judgedText else { return denyParse(.ofEarlierPolicy, dropsUnnamed: false) }
            let text = unsafe bytes.span.bytes
            switch rule(on: text) {
            case .needsWorker:
                return .inspect
            case .denied(let substitute):
                return denyParse(substitute, dropsUnnamed: false, text)
            case .admitted(let verdict):
                guard verdict.replacement == statement.verdict.replacement else {
                    return denyParse(.changedResult, dropsUnnamed: false)
                }
                guard let constants = verdict.readsValues ? judge.constants(of: verdict, in: text) : [] else {
                    return denyParse(.forgottenLiterals, dropsUnnamed: false)
                }
                statement.judged(anew: verdict, constants: constants)
            }
        }
        return nil
    }

    /// - Parameter gatesKnow: the gates have been asked about it already.
    func denyParse(
        _ refused: Substitute,
        dropsUnnamed: Bool,
        _ text: RawSpan? = nil,
        gatesKnow: Bool = false
    ) -> MessageFate {
        let substitute = gatesKnow ? refused : afterGates(refused)
        noteRefusal(substitute.refusal, text)
        if answersAlone { return answerBatch(substitute.error, dropsUnnamed: dropsUnnamed) }
        lease.isUnsynced = true
        if dropsUnnamed {
            server?.unnamedStatement = 0
            names.sendRemoval(.unnamed, batch: batch)
        }
        expectations.append(.substituteParse(substitute, dropsUnnamed: dropsUnnamed))
        toServer.appendParse(name: dropsUnnamed ? [] : Substitute.name, text: Array(Substitute.text.utf8))
        skipsToSync = true
        return .replace
    }

    // MARK: Bind

    func fateOfBind(_ bytes: RawSpan, _ start: Int, size: Int, available: Int) -> MessageFate {
        guard readsStatements else {
            expectations.append(.bind(nil, at: nil))
            return .pass
        }
        let body = bytes.extracting(start + MessageHeader.size..<start + available)
        guard let found = BindMessage.names(body) else {
            if available == size { return denyParse(.malformed, dropsUnnamed: false) }
            guard available < Self.longestNames else { return denyParse(.unusableName, dropsUnnamed: false) }
            return .needMore(min(size, max(available * 2, 256)))
        }
        guard let name = StatementName(body, found.statement) else {
            return denyParse(.unusableName, dropsUnnamed: false)
        }
        if areNamesChanging { return .wait }
        guard let candidates = names.candidates(name, batch: batch) else { return .wait }
        guard let last = candidates.last else { return denyParse(.unknownStatement(name), dropsUnnamed: false) }
        if last.verdict.context.generation != policy.generation, let fate = judgeAgain(candidates) { return fate }
        // Under a portal's name it is found what an Execute or FETCH runs.
        guard let portal = StatementName(body, found.portal) else {
            return denyParse(Substitute.unusableName.about(last.judged ?? []), dropsUnnamed: false)
        }
        if let runs, runs.portals.isFull(for: portal, limit: limits.maximumPreparedStatements) {
            let substitute = Substitute.tooManyPortals(limits.maximumPreparedStatements)
            return denyParse(substitute.about(last.judged ?? []), dropsUnnamed: false)
        }
        let hasGates = policy.hasGates
        let arePlain = candidates.arePlain
        // Who waits at a gate keeps no server connection from others.
        if hasGates {
            if !arePlain, let fate = judgeBind(candidates, body, size: size, available: available) { return fate }
            if !areGatesOpen(to: last.verdict), let fate = held(last, body, size: size, available: available) {
                return fate
            }
        }
        guard server != nil else { return .lease }
        if !hasGates, !arePlain, let fate = judgeBind(candidates, body, size: size, available: available) {
            return fate
        }
        if poolMode == .session {
            for statement in candidates { noteEffects(of: statement.verdict) }
            expectations.append(.bind(name, at: nil))
            noteRewrite(of: last.verdict)
        } else {
            let message = bytes.extracting(start..<start + available)
            if let fate = bindShared(candidates, name, found, message, size: size) { return fate }
        }
        if !arePlain, candidates.contains(where: \.copiesFromClient) { mayExecuteCopy = true }
        if found.portal.isEmpty { hasUnnamedPortal = true }
        // A portal that is bound anew must not be taken for what it was.
        let isNoted = policy.isObserved || runs != nil || last.verdict.places != nil
        if isNoted {
            runLog.portals.bind(portal, PortalStatements.Bound(statement: last, notes: admission?.takeNotes()))
        }
        return toServer.isEmpty ? .pass : .rewrite
    }

    /// Judges a Bind's parameters where somebody wants to see them. nil lets it go on.
    private func judgeBind(
        _ candidates: CandidateStatements,
        _ body: RawSpan,
        size: Int,
        available: Int
    ) -> MessageFate? {
        for statement in candidates where !statement.verdict.inspectedParameters.isEmpty {
            guard size <= limits.maximumInspectedBindBytes else {
                let substitute = Substitute.bindTooLong(limits.maximumInspectedBindBytes)
                return denyParse(substitute.about(statement.judged ?? []), dropsUnnamed: false)
            }
            guard available == size else { return .needMore(size) }
            if let substitute = judgeParameters(of: statement, in: body) {
                return denyParse(substitute, dropsUnnamed: false)
            }
        }
        return nil
    }

    /// What the gates say to a Bind; nil lets it go on.
    private func held(
        _ statement: PreparedStatement,
        _ body: RawSpan,
        size: Int,
        available: Int
    ) -> MessageFate? {
        guard let judged = statement.judged else { return nil }
        var parameters: BindParameters?
        let wantsValues = statement.verdict.gatesWantValues
        if wantsValues {
            guard size <= limits.maximumInspectedBindBytes else {
                let substitute = Substitute.bindTooLong(limits.maximumInspectedBindBytes)
                return denyParse(substitute.about(judged), dropsUnnamed: false)
            }
            guard available == size else { return .needMore(size) }
            guard let message = try? BindMessage(body) else { return denyParse(.malformed, dropsUnnamed: false) }
            parameters = BindParameters(all: message, body, types: statement.parameterTypes)
        }
        let constants: [[String]?] = wantsValues ? [statement.constants] : []
        // A Bind has no text that would be judged again.
        return fate(by: admit(judged, constants: constants, parameters: parameters), keeping: nil) {
            denyParse($0, dropsUnnamed: false, gatesKnow: true)
        }
    }

    /// The most bytes of a Bind that are held for its two names.
    static let longestNames = 16 * 1024

    // MARK: Describe and Close

    func fateOfTarget(_ tag: FrontendTag, _ bytes: RawSpan, _ start: Int, size: Int) -> MessageFate {
        guard readsStatements else {
            expectations.append(tag == .close ? .closePortal : .describe(nil, at: nil))
            return .pass
        }
        let body = bytes.extracting(start + MessageHeader.size..<start + size)
        guard let message = try? TargetMessage(body, tag: tag) else {
            return denyParse(.malformed, dropsUnnamed: false)
        }
        switch (tag, message.target) {
        case (.close, .statement):
            guard let name = StatementName(body, message.name) else {
                return denyParse(.unusableName, dropsUnnamed: false)
            }
            return close(name)
        case (.close, .portal):
            guard server != nil else { return answerClose() }
            if let runs, let portal = StatementName(body, message.name) { runs.portals.remove(portal) }
            expectations.append(.closePortal)
        case (_, .statement) where poolMode == .transaction:
            guard let name = StatementName(body, message.name) else {
                return denyParse(.unusableName, dropsUnnamed: false)
            }
            return describeShared(name)
        default:
            guard server != nil else { return .lease }
            if message.target == .portal, message.name.isEmpty, !hasUnnamedPortal {
                return denyParse(.unknownPortal, dropsUnnamed: false)
            }
            expectations.append(.describe(nil, at: nil))
            if message.target == .statement, let name = StatementName(body, message.name) {
                noteRewrite(of: names.candidates(name, batch: batch)?.last?.verdict)
            }
        }
        lease.isUnsynced = true
        return .pass
    }

    private func close(_ name: StatementName) -> MessageFate {
        if areNamesChanging { return .wait }
        // What SQL has prepared is on the server connection that is being looked at at the moment.
        if server == nil, !names.preparedBySQL(name).isEmpty { return .lease }
        names.sendRemoval(name, batch: batch)
        guard server != nil else {
            names.confirm(name)
            return answerClose()
        }
        lease.isUnsynced = true
        expectations.append(.closeStatement(name, sent: names.now))
        guard poolMode == .transaction else { return .pass }
        guard names.preparedBySQL(name).isEmpty else {
            noteNameChange()
            server?.statements.doubt(name)
            return .pass
        }
        if name.isUnnamed {
            server?.unnamedStatement = 0
            return .pass
        }
        // Others may share what the server has: it is told to close what it does not have, and answers in its turn.
        toServer.appendClose(statement: Substitute.name)
        return .replace
    }
}
