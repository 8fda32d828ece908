import PostgresWire
import SQLInspection

/// What a statement needs before it runs and leaves behind afterwards, where server connections are shared; and what the
/// server says while it does something for the gateway (an `Aside`).
extension ClientSession {
    /// Whether the client's next message has to wait for something of the gateway's own.
    @inline(__always)
    var mustWait: Bool {
        // The batch that resets settings may go on to its end.
        lease.aside != nil || lease.awaitsShape || !lease.restores.isEmpty && expectations.lastIsQueryOrSync
    }

    // MARK: Before

    /// What has to be done on the server before a text with these statements is sent: nil when nothing has, otherwise the
    /// client waits until it is done.
    func prerequisite(of verdict: Verdict) -> MessageFate? {
        guard poolMode == .transaction, let server else { return nil }
        // What could not be arranged cannot be at a second attempt either.
        let isArranged = lease.arrangement == .failed
        lease.arrangement = .none
        guard !isArranged else { return nil }
        // What names stand for is known once all has been answered.
        guard !verdict.usesNames || expectations.isEmpty else { return .wait }
        let executed = executedEffects(of: verdict)
        if verdict.effects?.touchesSequences == true || executed.contains(where: \.touchesSequences) {
            if server.hasForeignSequences(for: self) {
                guard expectations.isEmpty else { return .wait }
                guard transactionStatus != .failed else {
                    // One statement fails by itself; of several, the first may end the transaction.
                    return verdict.statements.count > 1 ? denyQuery(.forgottenSequences, gatesKnow: true) : nil
                }
                server.forgetSequences()
                server.unnamedStatement = 0
                toServer.appendQuery("DISCARD SEQUENCES")
                lease.aside = .discardingSequences
                return .wait
            }
        }
        guard verdict.usesNames else { return nil }
        // One statement fails by itself in an aborted transaction; of several, the first may end it.
        guard transactionStatus != .failed || verdict.statements.count > 1 else { return nil }
        if verdict.effects?.readsPreparedStatements == true || executed.contains(where: \.readsPreparedStatements),
            showsOthersStatements(server)
        {
            return arrange { showOnlyOwn(server) }
        }
        let doubts = server.statements.excessiveDoubts(limits.serverStatements)
        guard doubts.isEmpty else { return arrange { close(doubts, server) } }
        let misplaced = misplacedNames(in: verdict, server)
        return misplaced.isEmpty ? nil : arrange { placeUnderOwnNames(misplaced, server) }
    }

    /// What the statements may leave and read that EXECUTE in a text with this verdict runs, where the protocol has
    /// prepared them.
    private func executedEffects(of verdict: Verdict) -> [StatementEffects] {
        guard verdict.touchesNames else { return [] }
        return verdict.statements.compactMap { facts in
            guard case .execute(let name, _) = facts.preparedStatement else { return nil }
            return names.settled(StatementName(sql: name))?.verdict.effects
        }
    }

    /// What was just sent changes what SQL's names stand for.
    func noteNameChange() {
        if poolMode == .transaction { lease.lastNameChange = expectations.lastNumber }
    }

    /// Whether nobody knows what names stand for before the server has answered.
    var areNamesChanging: Bool {
        guard let number = lease.lastNameChange else { return false }
        guard number < expectations.firstNumber else { return true }
        lease.lastNameChange = nil
        return false
    }

    /// Sends what `messages` puts into the outbox as a batch of its own, once all has been answered.
    private func arrange(_ messages: () -> Void) -> MessageFate {
        messages()
        toServer.appendEmpty(FrontendTag.sync.rawValue)
        lease.aside = .arrangingNames
        // An aborted transaction prepares nothing, and what is misplaced stays so.
        if transactionStatus == .failed { lease.arrangement = .failed }
        return .wait
    }

    /// Names in SQL's PREPARE, EXECUTE and DEALLOCATE that do not mean on the server what they mean to the client.
    private func misplacedNames(in verdict: Verdict, _ server: ServerState) -> [StatementName] {
        guard verdict.touchesNames else { return [] }
        return verdict.statements.flatMap { facts in
            switch facts.preparedStatement {
            case .prepare(let name, _), .deallocate(let name):
                return misplaced(StatementName(sql: name), server)
            case .execute(let name, _):
                let name = StatementName(sql: name)
                let executed = names.settled(name).map { misplacedNames(in: $0.verdict, server) }
                return misplaced(name, server) + (executed ?? [])
            case .deallocateAll, nil:
                return []
            }
        }
    }

    private func misplaced(_ name: StatementName, _ server: ServerState) -> [StatementName] {
        let isInPlace =
            if let source = names.settled(name)?.source {
                server.statements.source(under: name) === source
            } else {
                !server.statements.mayExist(name)
            }
        return isInPlace ? [] : [name]
    }

    /// Others' statements go first, for that cannot fail: wherever an error ends it, no name means another client's.
    private func placeUnderOwnNames(_ all: [StatementName], _ server: ServerState) {
        close(all.filter(server.statements.mayExist), server)
        // An aborted transaction prepares nothing.
        if transactionStatus != .failed { for name in all { prepareAgain(name, server) } }
    }

    /// Prepares what the client knows under this name.
    ///
    /// - Parameter batch: the client's batch that it is sent in; nil for a batch of its own, which everything waits for.
    private func prepareAgain(_ name: StatementName, _ server: ServerState, batch: Int? = nil) {
        guard let source = names.settled(name)?.source else { return }
        server.statements.add(source, as: name, batch: batch)
        toServer.appendParse(name, source)
        if batch != nil { expectations.append(.ownParse(name)) }
    }

    /// The same for a Bind: what it takes goes before it in its own batch, whose fate it shares.
    func arrangeInBatch(_ verdict: Verdict) {
        guard let server else { return }
        if verdict.effects?.touchesSequences == true, server.hasForeignSequences(for: self) { discardInBatch(server) }
        var misplaced = misplacedNames(in: verdict, server)
        var closed = misplaced.filter(server.statements.mayExist)
        if verdict.effects?.readsPreparedStatements == true, showsOthersStatements(server) {
            closed = server.statements.all
            misplaced = names.allSettled.filter { $0.statement.source != nil }.map(\.name)
        }
        for name in closed { closeOnServer(name) }
        for name in misplaced { prepareAgain(name, server, batch: batch) }
    }

    private func discardInBatch(_ server: ServerState) {
        let passing = Substitute.statementName
        server.forgetSequences()
        toServer.appendParse(name: Substitute.name, text: Array("DISCARD SEQUENCES".utf8), parameterTypes: [])
        toServer.appendBind(portal: Substitute.name, statement: Substitute.name)
        toServer.appendExecute(portal: Substitute.name)
        toServer.appendClose(portal: Substitute.name)
        toServer.appendClose(statement: Substitute.name)
        expectations.append(.ownParse(passing))
        expectations.append(.ownBind)
        expectations.append(.ownDiscard)
        expectations.append(.ownClose(passing))
        expectations.append(.ownClose(passing))
    }

    private func showsOthersStatements(_ server: ServerState) -> Bool {
        let own = names.allSettled.filter { $0.statement.source != nil }
        return server.statements.all.count != own.count
            || own.contains { server.statements.source(under: $0.name) !== $0.statement.source }
    }

    private func close(_ all: [StatementName], _ server: ServerState) {
        for name in all {
            server.statements.remove(name)
            toServer.appendClose(statement: name)
        }
    }

    private func showOnlyOwn(_ server: ServerState) {
        close(server.statements.all, server)
        placeUnderOwnNames(names.allSettled.filter { $0.statement.source != nil }.map(\.name), server)
    }

    // MARK: After

    /// A statement with this verdict is about to be sent for execution.
    func noteEffects(of verdict: Verdict) {
        if verdict.mayDraw, let server {
            server.noteDraw(of: self)
            if asksForDraws { server.pin(.sequences, for: self) }
        }
        if poolMode == .transaction, executedEffects(of: verdict).contains(where: \.readsSequences) {
            asksForDraws = true
        }
        guard let effects = verdict.effects, let server else { return }
        server.note(effects, of: self)
        guard poolMode == .transaction else { return }
        if !effects.localSettings.isEmpty { lease.hasLocalSettings = true }
        if effects.readsSequences { asksForDraws = true }
        if effects.resetsAll {
            for (name, value) in startupSettings.values where !effects.settings.contains(name) {
                restore(name, value, isLocal: false)
            }
        }
        for reset in effects.resets {
            guard let value = startupSettings.values[reset.name] else { continue }
            restore(reset.name, value, isLocal: reset.isLocal)
        }
    }

    /// Something was sent of which nobody knows what it leaves.
    func noteUnknownEffects() {
        guard poolMode == .transaction else { return }
        server?.note(.anything, of: self)
    }

    private func restore(_ name: String, _ value: String, isLocal: Bool) {
        let restore = Restore(name: name, value: value, isLocal: isLocal)
        if !lease.restores.contains(restore) { lease.restores.append(restore) }
    }

    /// The server has reset settings to its own values; before the client goes on they get the client's.
    func restore(_ status: TransactionStatus) -> Answer {
        // What ends with a transaction has ended.
        let restores = lease.restores.filter { status == .inTransaction || !$0.isLocal }
        lease.restores = []
        // What an aborted transaction did is undone, and what the server said of it was kept from the client.
        guard status != .failed, !restores.isEmpty else {
            tellParameters()
            toClient.appendReadyForQuery(status)
            return .drop
        }
        // A Query drops it.
        server?.unnamedStatement = 0
        toServer.appendQuery(Restore.text(restores))
        lease.aside = .restoring(status, restores)
        return .drop
    }

    /// The server reports a setting. Where no statement said so, something below the statements has changed it.
    func noteChange(ofReported name: String) {
        guard lease.aside == nil else { return }
        let setting = name.lowercased()
        if !lease.hasLocalSettings, server?.expectsChange(of: setting) == false { greetings.end() }
        guard !Self.reportedButNotSettable.contains(name) else { return }
        server?.note(changedSetting: setting, of: self)
    }

    private static let reportedButNotSettable: Set<String> = [
        "server_version", "server_encoding", "integer_datetimes", "in_hot_standby", "is_superuser",
        "session_authorization",
    ]

    // MARK: Meanwhile

    /// What the server says while it does something of the gateway's own.
    func note(_ tag: BackendTag, _ body: RawSpan, during aside: Aside) -> Answer {
        switch (tag, aside) {
        case (.notificationResponse, _), (.noticeResponse, .restoring):
            return .relay
        case (.parameterStatus, _):
            return server?.parameters.note(body) == nil ? .mismatch : .drop
        case (.errorResponse, .arrangingNames):
            if let severity = ErrorFields.value("V", in: body), severity != "ERROR" { return noteFatal() }
            // Which of the names were arranged is not known, and one of them may be another client's.
            server?.statements.doubtAll()
            if noteCancel(body, of: aside) == nil { lease.arrangement = .failed }
            return .drop
        case (.errorResponse, _):
            if let severity = ErrorFields.value("V", in: body), severity != "ERROR" { return noteFatal() }
            if let answer = noteCancel(body, of: aside) { return answer }
            end(.fatal(.connectionFailure, "the server could not restore the session's settings"))
            return .close
        case (.readyForQuery, .failing):
            lease.aside = nil
            return updateStatus(body)
        case (.readyForQuery, .restoringAgain(let restores)):
            toServer.appendQuery(Restore.text(restores))
            lease.aside = .restoring(.idle, restores)
            return .drop
        case (.readyForQuery, .restoring(let status, _)):
            lease.aside = nil
            tellParameters()
            toClient.appendReadyForQuery(status)
            return .drop
        case (.readyForQuery, _):
            lease.aside = nil
            if lease.arrangement == .none { lease.arrangement = .made }
            return .drop
        default:
            return .drop
        }
    }

    /// A cancel that the client sent for a statement of its own, or that was sent for one that took too long, has hit what
    /// the gateway does meanwhile; nil for an error that is not one.
    private func noteCancel(_ error: RawSpan, of aside: Aside) -> Answer? {
        guard ErrorFields.value("C", in: error) == SQLState.queryCanceled.rawValue else { return nil }
        let timeout = timeout(inPlaceOf: error)
        switch aside {
        case .discardingSequences, .arrangingNames:
            if case .discardingSequences = aside { server?.noteSeveralDraws() }
            refusalOfLease = Substitute(
                timeout ?? ErrorResponse(.queryCanceled, "canceling statement due to user request"),
                yieldsToAbortedTransaction: false
            )
        case .restoring(.idle, let restores):
            lease.aside = .restoringAgain(restores)
        case .restoring:
            lease.aside = .failing
            guard let timeout else { return .relay }
            toClient.append(timeout)
        case .restoringAgain, .failing:
            return nil
        }
        return .drop
    }

    private func noteFatal() -> Answer {
        hasRelayedFatal = true
        return .relay
    }

    // MARK: Names that portals will touch

    /// What executing a portal of `verdict` will do with names.
    func keepEffects(of verdict: Verdict, portal: Range<Int>, in bind: RawSpan) {
        guard verdict.touchesNames, verdict.statements.count == 1, let portal = StatementName(bind, portal) else {
            return
        }
        let effects = QueryEffects(of: verdict.statements[0], sent: names.now)
        if case .none = effects { return }
        // Of more portals than that nobody confirms what they do.
        guard lease.portalEffects.count < limits.maximumPreparedStatements else {
            server?.statements.doubtAll()
            return
        }
        lease.portalEffects[portal] = effects
    }

    /// What the portal of an Execute will do, as `keepEffects` noted it.
    func effects(ofPortalIn execute: RawSpan) -> QueryEffects {
        guard !lease.portalEffects.isEmpty, let end = execute.firstNull(from: 0),
            let portal = StatementName(execute, 0..<end)
        else { return .none }
        return lease.portalEffects[portal] ?? .none
    }
}
