import PostgresWire
import SQLInspection

/// What a statement needs before it runs and leaves behind afterwards, where server connections are shared.
extension ClientSession {
    /// Whether the client's next message has to wait for something of the gateway's own.
    var mustWait: Bool {
        if aside != nil || awaitsShape { return true }
        guard !restores.isEmpty else { return false }
        // The batch that resets settings may go on to its end.
        switch expectations.last {
        case .query, .sync: return true
        default: return false
        }
    }

    // MARK: Before

    /// What has to be done on the server before a text with these statements is sent: nil when nothing has, otherwise the
    /// client waits until it is done.
    func prerequisite(of verdict: Verdict) -> MessageFate? {
        guard poolMode == .transaction, let server else { return nil }
        if let effects = verdict.effects {
            if effects.touchesSequences, server.hasForeignSequences(for: self), answersAlone {
                server.forgetSequences()
                server.unnamedStatement = 0
                toServer.appendQuery("DISCARD SEQUENCES")
                aside = .discardingSequences
                return .wait
            }
            if effects.readsPreparedStatements, showsOthersStatements(server) { return arrange { showOnlyOwn(server) } }
        }
        guard verdict.touchesNames else { return nil }
        let misplaced = verdict.statements.compactMap { misplacedName(in: $0, server) }
        return misplaced.isEmpty ? nil : arrange { for name in misplaced { placeUnderOwnName(name, server) } }
    }

    /// Sends what `messages` puts into the outbox as a batch of its own.
    private func arrange(_ messages: () -> Void) -> MessageFate {
        guard expectations.isEmpty else {
            if isUnsynced, !hasAskedForAnswers {
                hasAskedForAnswers = true
                toServer.appendEmpty(FrontendTag.flush.rawValue)
            }
            return .wait
        }
        hasAskedForAnswers = false
        messages()
        toServer.appendEmpty(FrontendTag.sync.rawValue)
        aside = .arrangingNames
        return .wait
    }

    /// A name in SQL's PREPARE, EXECUTE or DEALLOCATE that does not mean on the server what it means to the client.
    private func misplacedName(in facts: StatementFacts, _ server: ServerState) -> StatementName? {
        switch facts.preparedStatement {
        case .prepare(let name, _), .execute(let name, _), .deallocate(let name):
            let name = StatementName(sql: name)
            guard names.preparedBySQL(name).isEmpty else { return nil }
            if let source = names.settled(name)?.source {
                return server.statements.source(under: name) === source ? nil : name
            }
            return server.statements.mayExist(name) ? name : nil
        case .deallocateAll, nil:
            return nil
        }
    }

    private func placeUnderOwnName(_ name: StatementName, _ server: ServerState) {
        if server.statements.mayExist(name) {
            server.statements.remove(name)
            toServer.appendClose(statement: Array(name.text.utf8))
        }
        guard let source = names.settled(name)?.source else { return }
        server.statements.add(source, as: name)
        toServer.appendParse(name: Array(name.text.utf8), text: source.text, parameterTypes: source.parameterTypes)
    }

    private func showsOthersStatements(_ server: ServerState) -> Bool {
        let own = names.allSettled.filter { $0.statement.source != nil }
        return server.statements.all.count != own.count
            || own.contains { server.statements.source(under: $0.name) !== $0.statement.source }
    }

    private func showOnlyOwn(_ server: ServerState) {
        for name in server.statements.all {
            toServer.appendClose(statement: Array(name.text.utf8))
            server.statements.remove(name)
        }
        for (name, statement) in names.allSettled where statement.source != nil { placeUnderOwnName(name, server) }
    }

    // MARK: After

    /// A statement with this verdict is about to be sent for execution.
    func noteEffects(of verdict: Verdict) {
        if verdict.mayDraw, let server {
            server.noteDraw(of: self)
            if asksForDraws { server.pin(.sequences, for: self) }
        }
        guard let effects = verdict.effects, let server else { return }
        server.note(effects, of: self)
        guard poolMode == .transaction else { return }
        if !effects.localSettings.isEmpty { hasLocalSettings = true }
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
        if !restores.contains(restore) { restores.append(restore) }
    }

    /// The server has reset settings to its own values; before the client goes on they get the client's.
    func restore(_ status: TransactionStatus) -> Answer {
        let restores = restores
        self.restores = []
        // What an aborted transaction did is undone.
        guard status != .failed else { return .relay }
        // A Query drops it.
        server?.unnamedStatement = 0
        toServer.appendQuery(Restore.text(restores))
        aside = .restoring(status)
        return .drop
    }

    /// The server reports a setting. Where no statement said so, something below the statements has changed it.
    func noteChange(ofReported name: String) {
        guard aside == nil, !Self.reportedButNotSettable.contains(name) else { return }
        server?.note(changedSetting: name.lowercased(), of: self)
    }

    private static let reportedButNotSettable: Set<String> = [
        "server_version", "server_encoding", "integer_datetimes", "in_hot_standby", "is_superuser",
        "session_authorization",
    ]

    // MARK: Meanwhile

    /// What the server says while it does something of the gateway's own.
    func note(_ tag: BackendTag, _ body: RawSpan, during aside: Aside?) -> Answer {
        switch (tag, aside) {
        case (.notificationResponse, _), (.noticeResponse, .restoring):
            return .relay
        case (.parameterStatus, _):
            return server?.parameters.note(body) == nil ? .mismatch : .drop
        case (.errorResponse, .arrangingNames):
            if let severity = ErrorFields.value("V", in: body), severity != "ERROR" { return noteFatal() }
            // Which of the names were arranged is not known, and one of them may be another client's.
            server?.statements.doubtAll()
            arrangementError = ErrorResponse(
                ErrorFields.value("C", in: body).map(SQLState.init(rawValue:)) ?? .connectionFailure,
                ErrorFields.value("M", in: body) ?? "a prepared statement could not be prepared again"
            )
            return .drop
        case (.errorResponse, _):
            if let severity = ErrorFields.value("V", in: body), severity != "ERROR" { return noteFatal() }
            end(.fatal(.connectionFailure, "the server could not restore the session's settings"))
            return .close
        case (.readyForQuery, .restoring(let status)):
            self.aside = nil
            tellParameters()
            toClient.appendReadyForQuery(status)
            return .drop
        case (.readyForQuery, _):
            self.aside = nil
            return .drop
        default:
            return .drop
        }
    }

    private func noteFatal() -> Answer {
        hasRelayedFatal = true
        return .relay
    }

    // MARK: Names that portals will touch

    /// What executing a portal of `verdict` will do with names.
    func keepEffects(of verdict: Verdict, portal: StatementName?) {
        guard verdict.touchesNames, verdict.statements.count == 1, let portal else { return }
        let facts = verdict.statements[0]
        switch facts.preparedStatement {
        case .deallocate(let name):
            portalEffects[portal] = .deallocate(StatementName(sql: name), sent: names.now)
        case .deallocateAll:
            portalEffects[portal] = .deallocateAll(sent: names.now)
        default:
            if facts.discard == .all { portalEffects[portal] = .deallocateAll(sent: names.now) }
            if facts.discard == .sequences { portalEffects[portal] = .discardSequences }
        }
    }

    func effects(ofPortalIn execute: RawSpan) -> QueryEffects {
        guard !portalEffects.isEmpty, let end = execute.firstNull(from: 0),
            let portal = StatementName(execute, 0..<end)
        else { return .none }
        return portalEffects[portal] ?? .none
    }
}
