import PostgresWire
import SQLInspection

/// Prepared statements on shared server connections: whatever a client prepared is there under some name whenever it is
/// used, and nobody else's statement ever is.
extension ClientSession {
    enum Placement {
        /// The server has it under this name.
        case under(StatementName)
        case wait
        case denied(Substitute)
    }

    /// Sees to it that the server has `statement`. What that takes is in the outbox, for the batch at hand.
    func place(_ statement: PreparedStatement, preferring own: StatementName) -> Placement {
        guard let server, let source = currentSource(of: statement) else { return .under(own) }
        guard let (name, isCertain, shape) = server.statements.use(source, in: batch) else {
            let name = prepare(source, preferring: own)
            noteRewrite(of: statement.verdict)
            return statement.shape == nil ? .under(name) : askForShape(name)
        }
        guard isCertain else { return .wait }
        guard let wanted = statement.shape else { return .under(name) }
        switch shape {
        case wanted:
            lease.reprepared = nil
            return .under(name)
        case nil:
            return askForShape(name)
        default:
            // Prepared before or after its tables were changed, in any case not as the client knows it.
            guard lease.reprepared !== statement else {
                lease.reprepared = nil
                return .denied(.changedResult)
            }
            lease.reprepared = statement
            let name = prepare(source, preferring: own)
            noteRewrite(of: statement.verdict)
            return askForShape(name)
        }
    }

    /// Literals are read under the settings of the moment when a statement is prepared: with others it is another one.
    private func currentSource(of statement: PreparedStatement) -> StatementSource? {
        guard let source = statement.source, let settings = source.settings else { return statement.source }
        guard settings != self.settings.parsing else { return source }
        let current = statements.shared(
            StatementSource(
                text: source.text,
                parameterTypes: source.parameterTypes,
                settings: self.settings.parsing
            )
        )
        statement.source = current
        return current
    }

    /// Prepares `source` on the server, anew if it is there.
    func prepare(_ source: StatementSource, preferring own: StatementName) -> StatementName {
        let name = announce(source, preferring: own)
        toServer.appendParse(name, source)
        expectations.append(.ownParse(name))
        return name
    }

    /// Makes room for a Parse of `source` that is about to be sent, and answers the name to send it under.
    func announce(_ source: StatementSource, preferring own: StatementName) -> StatementName {
        guard let server else { return own }
        lease.isUnsynced = true
        let name = server.statements.name(for: source, preferring: own)
        for victim in server.statements.victims(for: source, limits.serverStatements) where victim != name {
            closeOnServer(victim)
        }
        if server.statements.mayExist(name) { closeOnServer(name) }
        server.statements.add(source, as: name, batch: batch)
        return name
    }

    func closeOnServer(_ name: StatementName) {
        server?.statements.sendClose(name)
        toServer.appendClose(statement: name)
        expectations.append(.ownClose(name))
    }

    // MARK: Shapes

    /// A client that was told of a statement's result reads rows by that: PostgreSQL refuses to run the statement when
    /// the result has changed, so a server connection that prepared it later must be asked.
    private func askForShape(_ name: StatementName) -> Placement {
        toServer.appendDescribe(statement: name)
        expectations.append(.ownDescribe(name))
        lease.awaitsShape = true
        return .wait
    }

    /// Longer descriptions are never waited for: more columns than PostgreSQL allows do not fit.
    static let longestDescription = 256 * 1024

    /// Whether the description that comes is to be remembered.
    var wantsShape: Bool { expectations.firstWantsShape }

    /// A RowDescription or NoData: what Describe tells of a result, whoever asked.
    func noteDescription(_ body: RawSpan, isWhole: Bool) -> Answer {
        guard expectations.firstIsDescribe else { return .relay }
        switch expectations.removeFirst() {
        case .describe(let statement, let name):
            guard let statement else { return .relay }
            let shape = isWhole ? Self.shape(of: body) : nil
            statement.shape = shape
            if let name, let shape { server?.statements.setShape(shape, of: name) }
            return .relay
        case .ownDescribe(let name):
            lease.awaitsShape = false
            server?.statements.setShape(Self.shape(of: body), of: name)
            return .drop
        default:
            return .relay
        }
    }

    private static func shape(of description: RawSpan) -> Int {
        var hasher = Hasher()
        unsafe description.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    // MARK: The unnamed statement

    /// It is the last that was parsed without a name, wherever the client's transactions have run since.
    ///
    /// - Returns: false as long as nobody knows which one the server has.
    func placeUnnamed(_ statement: PreparedStatement?) -> Bool {
        guard unnamed.isCertain(in: batch) else { return false }
        guard let server, server.unnamedStatement != unnamed.number, unnamed.number != 0 else { return true }
        toServer.append(contentsOf: unnamed.message)
        unnamed.move(batch: batch)
        expectations.append(.ownParse(.unnamed))
        noteRewrite(of: statement?.verdict)
        server.unnamedStatement = unnamed.number
        lease.isUnsynced = true
        return true
    }

    /// How many bytes of Parses that the server has not answered are kept.
    private static let mostUnnamedBytes = 1 << 20

    /// A Parse of the unnamed statement is about to be sent: `message` is all of it.
    func keepUnnamed(_ message: RawSpan) {
        let number = statements.nextNumber()
        unnamed.send(message, number: number, over: server?.unnamedStatement ?? 0, batch: batch)
        server?.unnamedStatement = number
    }

    // MARK: In errors

    /// An ErrorResponse that speaks of a statement by a name that the client has never heard, in the client's words; nil
    /// for any other.
    func inClientsNames(_ error: RawSpan, isWhole: Bool) -> [UInt8]? {
        guard poolMode == .transaction, isWhole, let server else { return nil }
        let text = error.string(0..<error.byteCount)
        if case .bind(let own?, let there?) = expectations.first, own != there,
            let name = text.firstRange(of: "prepared statement \"\(there.text)\"")
        {
            let renamed = text[..<name.lowerBound] + "prepared statement \"\(own.text)\"" + text[name.upperBound...]
            return Self.errorResponse(renamed)
        }
        guard let start = text.firstRange(of: "\"" + ServerStatements.madeUp) else { return nil }
        let rest = text[text.index(after: start.lowerBound)...]
        guard let end = rest.firstIndex(of: "\""),
            let source = server.statements.source(under: StatementName(sql: String(rest[..<end]))),
            let own = names.name(ofStatementFrom: source)
        else { return nil }
        return Self.errorResponse(text[..<rest.startIndex] + own.text + text[end...])
    }

    private static func errorResponse(_ body: some StringProtocol) -> [UInt8] {
        var message: [UInt8] = []
        message.appendMessage(BackendTag.errorResponse.rawValue) { $0.append(contentsOf: body.utf8) }
        return message
    }

    // MARK: Doubt

    /// A Parse of the client's under this name, the server's, was refused, perhaps because it is taken, or skipped.
    func dropParse(_ name: StatementName, isRefused: Bool) {
        guard poolMode == .transaction, let server else { return }
        guard name.isUnnamed else { return server.statements.drop(name, isRefused: isRefused) }
        guard let (number, predecessor) = unnamed.drop(isRefused: isRefused) else { return }
        if server.unnamedStatement == number { server.unnamedStatement = predecessor }
    }

    /// The same for a Parse of the gateway's own.
    func dropOwnParse(_ name: StatementName, isRefused: Bool) {
        guard let server else { return }
        guard name.isUnnamed else { return server.statements.drop(name, isRefused: isRefused) }
        unnamed.moved()
        if server.unnamedStatement == unnamed.number { server.unnamedStatement = 0 }
    }
}

extension SessionLimits {
    var serverStatements: ServerStatements.Limits {
        .init(count: maximumServerStatements, bytes: maximumServerStatementBytes)
    }
}

// MARK: - The client's own Parse, Bind and Describe

extension ClientSession {
    /// An admitted Parse goes to a server connection that others prepare statements on too.
    ///
    /// - Parameter message: all of it, of which `text` and `types` are part.
    func share(
        _ statement: PreparedStatement,
        _ name: StatementName,
        _ text: RawSpan,
        _ types: [UInt32],
        _ message: RawSpan
    ) -> MessageFate {
        guard !name.isUnnamed else { return shareUnnamed(statement, types, message) }
        let replacement = statement.verdict.replacement
        if areNamesChanging { return .wait }
        // Whether an earlier batch's Parse of the name came to something decides over this one.
        if names.isPending(name, before: batch) { return .wait }
        switch names.lookup(name, batch: batch) {
        case .undetermined: return .wait
        case .statement: return denyExisting(name, statement.verdict, text, types)
        case .absent: break
        }
        guard names.preparedBySQL(name).isEmpty else {
            return denyExisting(name, statement.verdict, text, types)
        }
        let original = text.array(0..<text.byteCount)
        let sent = StatementSource(
            text: replacement ?? original,
            parameterTypes: types,
            settings: sharedSettings(for: statement, text)
        )
        let source = statements.shared(sent)
        let own = statement.movable(by: source)
        // Where nothing was rewritten, the one text that all who prepare it share.
        own.judgedText = replacement == nil ? source.text : original
        let serverName = announce(source, preferring: name)
        names.sendDefinition(name, own, batch: batch)
        expectations.append(.parse(name, own, at: serverName))
        noteRewrite(of: statement.verdict)
        guard serverName != name || !toServer.isEmpty || replacement != nil else { return .pass }
        toServer.appendParse(serverName, source)
        return .replace
    }

    private func shareUnnamed(_ statement: PreparedStatement, _ types: [UInt32], _ message: RawSpan) -> MessageFate {
        guard unnamed.bytesSent < Self.mostUnnamedBytes else {
            return .wait
        }
        lease.isUnsynced = true
        names.sendDefinition(.unnamed, statement, batch: batch)
        expectations.append(.parse(.unnamed, statement, at: nil))
        noteRewrite(of: statement.verdict)
        guard let replacement = statement.verdict.replacement else {
            keepUnnamed(message)
            return .pass
        }
        let start = toServer.count
        toServer.appendParse(name: [], text: replacement, parameterTypes: types)
        let sent = Array(toServer[start...])
        unsafe keepUnnamed(sent.span.bytes)
        return .replace
    }

    /// PostgreSQL looks at the text before it looks whether the name is taken: what is wrong with the text is said first.
    private func denyExisting(
        _ name: StatementName,
        _ verdict: Verdict,
        _ text: RawSpan,
        _ types: [UInt32]
    ) -> MessageFate {
        lease.isUnsynced = true
        let text = verdict.replacement ?? text.array(0..<text.byteCount)
        let passing = Substitute.statementName
        toServer.appendParse(name: Substitute.name, text: text, parameterTypes: types)
        expectations.append(.ownParse(passing))
        noteRewrite(of: verdict)
        toServer.appendClose(statement: Substitute.name)
        expectations.append(.ownClose(passing))
        return denyParse(Substitute.existingStatement(name).about(verdict.judged), dropsUnnamed: false)
    }

    /// The settings under which a statement can be shared. Nobody shares what is prepared while settings are in effect
    /// that only this server connection knows, or what means the moment at which it is prepared.
    private func sharedSettings(for statement: PreparedStatement, _ text: RawSpan) -> ParsingSettings? {
        if freezesMoment(statement.verdict, text) {
            server?.pin(.frozenLiteral, for: self)
            return nil
        }
        return lease.hasLocalSettings || server?.isUnsettled == true ? nil : settings.parsing
    }

    private func freezesMoment(_ verdict: Verdict, _ text: RawSpan) -> Bool {
        guard let facts = verdict.statements.first else { return verdict.effects != nil }
        guard let values = judge.constants(of: verdict, in: text) else { return true }
        return zip(facts.constants, values).contains { $0.kind == .string && FrozenLiteral.isFrozen($1) }
    }

    /// An admitted Bind of one of `candidates`: what has to go before it, and the message itself under the name that its
    /// statement has on the server, are put into the outbox. nil lets the message pass, perhaps behind the outbox's.
    func bindShared(
        _ candidates: CandidateStatements,
        _ name: StatementName,
        _ names: (portal: Range<Int>, statement: Range<Int>),
        _ message: RawSpan,
        size: Int
    ) -> MessageFate? {
        let arePlain = candidates.arePlain
        if !arePlain {
            for statement in candidates where statement.verdict.effects != nil || statement.verdict.touchesNames {
                // The verdict on what SQL prepared is that on its PREPARE.
                guard statement.source != nil || name.isUnnamed else { continue }
                guard !statement.verdict.usesNames || expectations.isEmpty else { return .wait }
                arrangeInBatch(statement.verdict)
            }
        }
        let last = candidates.last
        var serverName = name
        if name.isUnnamed {
            guard placeUnnamed(last) else { return .wait }
        } else if let statement = last {
            guard statement.source != nil || !isAnothers(name) else {
                return denyParse(.unknownStatement(name), dropsUnnamed: false, gatesKnow: true)
            }
            switch place(statement, preferring: name) {
            case .wait: return .wait
            case .denied(let substitute):
                let about = substitute.about(statement.judged ?? [])
                return denyParse(about, dropsUnnamed: false, gatesKnow: true)
            case .under(let there): serverName = there
            }
        }
        let body = message.extracting(MessageHeader.size..<message.byteCount)
        server?.doubtPins()
        if !arePlain {
            for statement in candidates {
                guard statement.source != nil || name.isUnnamed else {
                    noteUnknownEffects()
                    continue
                }
                noteEffects(of: statement.verdict)
                keepEffects(of: statement.verdict, portal: names.portal, in: body)
            }
        }
        lease.isUnsynced = true
        expectations.append(.bind(name, at: serverName))
        noteRewrite(of: last?.verdict)
        if serverName != name || !toServer.isEmpty { appendBind(body, names, of: serverName, size: size) }
        return nil
    }

    /// Puts what is there of a Bind into the outbox, with another name of its statement.
    private func appendBind(
        _ body: RawSpan,
        _ names: (portal: Range<Int>, statement: Range<Int>),
        of statement: StatementName,
        size: Int
    ) {
        toServer.append(FrontendTag.bind.rawValue)
        let length = size - 1 - names.statement.count + statement.text.utf8.count
        toServer.append(int32: Int32(length))
        toServer.append(contentsOf: body.array(names.portal))
        toServer.append(0)
        toServer.append(contentsOf: statement.text.utf8)
        toServer.append(contentsOf: body.array(names.statement.upperBound..<body.byteCount))
    }

    /// Whether the server connection has something under this name that SQL's PREPARE did not make: then what PREPARE made,
    /// or failed to make, is not there.
    private func isAnothers(_ name: StatementName) -> Bool { server?.statements.mayExist(name) ?? false }

    /// A Describe of a statement, under the name that it has on the server.
    func describeShared(_ name: StatementName) -> MessageFate {
        if areNamesChanging { return .wait }
        let isFromSQL = !names.preparedBySQL(name).isEmpty
        var described: PreparedStatement?
        switch names.lookup(name, batch: batch) {
        case .undetermined: return .wait
        case .absent where isFromSQL && !isAnothers(name): break
        case .absent: return denyParse(.unknownStatement(name), dropsUnnamed: false)
        case .statement(let statement): described = statement
        }
        guard server != nil else { return .lease }
        let verdict = described?.verdict
        var serverName = name
        if name.isUnnamed {
            guard placeUnnamed(described) else { return .wait }
            described = nil
        } else if let described {
            // Whatever its result is by now, that is what the client will know.
            described.shape = nil
            guard case .under(let there) = place(described, preferring: name) else { return .wait }
            serverName = there
        }
        lease.isUnsynced = true
        expectations.append(.describe(described, at: serverName))
        noteRewrite(of: verdict)
        guard serverName != name || !toServer.isEmpty else { return .pass }
        toServer.appendDescribe(statement: serverName)
        return .replace
    }
}
