import PluginAPI
import PostgresWire

/// What the server says, once the session runs.
///
/// Rows and COPY data are relayed without a look; the few messages that change what is known here are looked at when
/// their first bytes are there.
extension ClientSession {
    func relayFromServer(_ bytes: RawSpan) -> RelayStep {
        var passed = 0
        while true {
            if serverBodyRemaining > 0 {
                let count = min(serverBodyRemaining, bytes.byteCount - passed)
                if serverBodyIsDropped {
                    guard passed == 0 else { return RelayStep(forward: passed, .proceed) }
                    serverBodyRemaining -= count
                    return RelayStep(discard: count, .proceed)
                }
                serverBodyRemaining -= count
                passed += count
            }
            let available = bytes.byteCount - passed
            guard available >= MessageHeader.size else {
                return RelayStep(forward: passed, available == 0 ? .proceed : .needMore(MessageHeader.size))
            }
            let tag = bytes.byte(at: passed)
            let length = Int(bytes.int32(at: passed + 1))
            guard length >= MessageHeader.lengthFieldSize else { return loseSynchronisation(forward: passed) }
            let size = length + 1
            let there = min(size, available)
            if (tag != BackendTag.dataRow.rawValue && tag != BackendTag.copyData.rawValue) || lease.aside != nil {
                guard let known = BackendTag(rawValue: tag) else { return loseSynchronisation(forward: passed) }
                let wanted = min(size, bytesLookedAt(known))
                guard there >= wanted else { return RelayStep(forward: passed, .needMore(wanted)) }
                let body = bytes.extracting(passed + MessageHeader.size..<passed + there)
                switch note(known, body, isWhole: there == size) {
                case .relay:
                    break
                case .drop:
                    serverBodyRemaining = size - there
                    serverBodyIsDropped = true
                    return RelayStep(forward: passed, discard: there, .proceed)
                case .mismatch:
                    return loseSynchronisation(forward: passed)
                case .close:
                    return RelayStep(forward: passed, .close)
                }
            }
            serverBodyRemaining = size - there
            serverBodyIsDropped = false
            passed += there
            bytesFromServer &+= UInt64(size)
        }
    }

    /// The server said what nothing here expects: nobody knows whose answers follow, so the session ends.
    private func loseSynchronisation(forward: Int) -> RelayStep {
        end(.fatal(.protocolViolation, "the server sent a message that the gateway did not expect"))
        return RelayStep(forward: forward, .close)
    }

    enum Answer {
        case relay
        /// The outbox to the client holds what takes its place, if anything does.
        case drop
        case mismatch
        /// The outbox to the client says why.
        case close
    }

    private func note(_ tag: BackendTag, _ body: RawSpan, isWhole: Bool) -> Answer {
        if let aside = lease.aside { return note(tag, body, during: aside) }
        switch tag {
        case .dataRow, .copyData, .copyDone, .noticeResponse, .notificationResponse:
            return .relay
        case .parameterDescription:
            if case .ownDescribe = expectations.first { return .drop }
            return .relay
        case .rowDescription, .noData:
            defer { dropCopyEnds() }
            return noteDescription(body, isWhole: isWhole)
        case .parseComplete:
            defer { dropCopyEnds() }
            switch expectations.removeFirstIfAny() {
            case .parse(let name, _, let serverName):
                if readsStatements { names.confirm(name) }
                if name.isUnnamed { unnamed.confirm() }
                if let serverName { server?.statements.confirm(serverName) }
                return .relay
            case .ownParse(let name):
                if name.isUnnamed { unnamed.moved() } else { server?.statements.confirm(name) }
                return .drop
            default:
                return .mismatch
            }
        case .bindComplete:
            defer { dropCopyEnds() }
            switch expectations.removeFirstIfAny() {
            case .bind: return .relay
            case .ownBind: return .drop
            default: return .mismatch
            }
        case .closeComplete:
            defer { dropCopyEnds() }
            switch expectations.first {
            case .closeStatement(let name, let moment):
                names.confirm(name)
                names.closePreparedBySQL(name, sent: moment)
            case .closePortal: break
            case .ownClose(let name):
                server?.statements.confirmClose(name)
                expectations.removeFirst()
                return .drop
            default: return .mismatch
            }
            expectations.removeFirst()
            return .relay
        case .commandComplete, .emptyQueryResponse, .portalSuspended:
            return noteCompletion(tag, body)
        case .copyInResponse:
            return beginCopyIn()
        case .copyOutResponse:
            return .relay
        case .copyBothResponse:
            return policy.isJudged ? .mismatch : .relay
        case .functionCallResponse:
            guard case .functionCall = expectations.first else { return .mismatch }
            return .relay
        case .parameterStatus:
            return noteParameter(body)
        case .errorResponse:
            // By what is expected, before the error ends that.
            let rewritten = rewritten(body, isWhole: isWhole)
            let answer = noteError(body)
            guard let rewritten, case .relay = answer else { return answer }
            toClient += rewritten
            return .drop
        case .readyForQuery:
            return noteReady(body)
        case .authentication, .backendKeyData, .negotiateProtocolVersion:
            return .mismatch
        }
    }

    /// An ErrorResponse that the gateway words otherwise than the server; nil for one that is relayed as it is.
    private func rewritten(_ error: RawSpan, isWhole: Bool) -> [UInt8]? {
        guard let timeout = timeout(inPlaceOf: error) else {
            let named = inClientsNames(error, isWhole: isWhole)
            guard wantsPlace else { return named }
            guard let named else { return inClientsPlaces(error, isWhole: isWhole) }
            let body = unsafe named.span.bytes.extracting(MessageHeader.size..<named.count)
            return inClientsPlaces(body, isWhole: true) ?? named
        }
        var message: [UInt8] = []
        message.append(timeout)
        return message
    }

    private func noteCompletion(_ tag: BackendTag, _ body: RawSpan) -> Answer {
        switch expectations.first {
        case .execute(let effects):
            if tag == .commandComplete { confirm(effects, body) }
            if mayHaveRuns { completeRun(tag, body) }
            finishCopyIn()
            expectations.removeFirst()
            dropCopyEnds()
        case .query(let effects, _):
            if !copyMayRepeat {
                finishCopyIn()
            } else if copyIn == .active {
                copyIn = .possible
            }
            if mayHaveRuns { completeRun(tag, body) }
            if tag == .commandComplete {
                confirm(effects.ofStatement(lease.completedStatements), body)
                lease.completedStatements += 1
            }
        case .ownDiscard:
            expectations.removeFirst()
            dropCopyEnds()
            return .drop
        default:
            return .mismatch
        }
        return .relay
    }

    private func confirm(_ effects: QueryEffects, _ body: RawSpan) {
        if case .none = effects { return }
        let tag = body.string(0..<max(0, body.byteCount - 1))
        switch effects {
        case .deallocate(let name, let moment) where tag == "DEALLOCATE":
            names.deallocate(name, sent: moment)
            server?.statements.remove(name)
        case .deallocateAll(let moment) where tag == "DEALLOCATE ALL" || tag == "DISCARD ALL":
            names.deallocateAll(sent: moment)
            server?.statements.removeAll()
            if tag == "DISCARD ALL" { discardSequences() }
        case .discardSequences where tag == "DISCARD SEQUENCES":
            discardSequences()
        default: break
        }
    }

    private func discardSequences() {
        // What was sent since may have drawn from one again.
        guard expectations.count == 1 else { return }
        asksForDraws = false
        server?.forgetSequences()
    }

    // MARK: COPY IN

    private func beginCopyIn() -> Answer {
        switch expectations.first {
        case .query, .execute: break
        default: return .mismatch
        }
        // What the client sent before it knew is still under way; Syncs among it are swallowed.
        let isEnded = expectations.swallowSyncsInsideCopy()
        if !endsBatch { lease.isUnsynced = true }
        if !isEnded { copyIn = .active }
        return .relay
    }

    /// The server has answered the message that made a COPY IN possible, or begun and finished it.
    private func finishCopyIn() { finishCopyIn(of: expectations.firstNumber) }

    /// - Parameter number: that message's.
    private func finishCopyIn(of number: Int) {
        guard copyIn == .active || copyExpectation == number else { return }
        copyIn = .no
        copyExpectation = nil
        hasKeptSync = false
    }

    /// Where nothing is left that could begin a COPY, its end means nothing, and nobody must wait for an answer to it.
    @inline(__always)
    private func dropCopyEnds() {
        while expectations.firstIsMark { expectations.removeFirst() }
    }

    // MARK: ParameterStatus

    private func noteParameter(_ body: RawSpan) -> Answer {
        guard let server, let (name, value) = server.parameters.note(body) else { return .mismatch }
        if poolMode == .transaction { noteChange(ofReported: name) }
        guard policy.isJudged, let problem = SessionGuards.problem(withParameter: name, value: value) else {
            // What a RESET leads to is not the client's own value: it learns that one once all is restored.
            guard lease.restores.isEmpty else { return .drop }
            if poolMode == .transaction { told = server.parameters }
            return .relay
        }
        // Something below the statements (a function, a trigger) changed how the server reads text.
        end(.fatal(.insufficientPrivilege, problem))
        return .close
    }

    // MARK: ErrorResponse and ReadyForQuery

    private func noteError(_ body: RawSpan) -> Answer {
        let severity = ErrorFields.value("V", in: body)
        if severity == "FATAL" || severity == "PANIC" {
            hasRelayedFatal = true
            failRun(body)
            return .relay
        }
        // What the failed transaction has reset is as it was.
        if expectations.areOneTransaction { lease.restores = [] }
        failRun(body)
        switch expectations.first {
        case .query(let effects, _):
            finishCopyIn()
            if case .prepare(let name, let moment) = effects { noteFailedPrepare(name, moment) }
            return .relay
        case .functionCall, .sync, nil:
            return .relay
        case .substituteQuery(let substitute, _):
            return replace(body, with: substitute)
        case .substituteParse(let substitute, let dropsUnnamed):
            expectations.removeFirst()
            if dropsUnnamed { names.confirm(.unnamed) }
            skipAnswersToSync()
            return replace(body, with: substitute)
        case .parse(let name, let statement, let serverName):
            let failure = failure(of: statement, body)
            expectations.removeFirst()
            dropParse(serverName ?? name, isRefused: true)
            if readsStatements {
                names.drop(name)
                if name.isUnnamed { names.forgetUnnamed() }
            }
            skipAnswersToSync(failure: failure)
            return .relay
        case .ownParse(let name):
            expectations.removeFirst()
            dropOwnParse(name, isRefused: true)
            skipAnswersToSync()
            return .relay
        case .bind, .describe, .execute, .closeStatement, .closePortal, .copyEnd, .swallowedSync,
            .ownClose, .ownDescribe, .ownBind, .ownDiscard:
            var failure: FailedStatement?
            if case .bind(let name?, _) = expectations.first { failure = self.failure(of: names.settled(name), body) }
            let keptSync = hasKeptSync
            finishCopyIn()
            skipAnswersToSync(keptSync: keptSync, failure: failure)
            return .relay
        }
    }

    /// What was there under this name, if anything, is another statement.
    private func noteFailedPrepare(_ name: StatementName, _ moment: StatementNames.Moment) {
        guard poolMode == .transaction else { return }
        names.dropFromSQL(name, sent: moment)
        // An aborted transaction prepares nothing.
        guard transactionStatus != .failed else { return }
        // An error may even follow a PREPARE that has taken place; not over a statement of the protocol's.
        guard names.preparedBySQL(name).isEmpty, let server, server.statements.source(under: name) == nil else {
            return
        }
        server.statements.doubt(name)
    }

    private func replace(_ body: RawSpan, with substitute: Substitute) -> Answer {
        if substitute.yieldsToAbortedTransaction, ErrorFields.value("C", in: body) == "25P02" { return .relay }
        toClient.append(substitute.error)
        return .drop
    }

    /// After an error in extended protocol the server ignores everything up to Sync.
    ///
    /// - Parameter failure: what the error was about, if that was not an Execute.
    private func skipAnswersToSync(keptSync: Bool = false, failure: FailedStatement? = nil) {
        defer { abortRuns(failure) }
        while let next = expectations.first {
            switch next {
            case .sync:
                forgetSkippedCopy()
                return
            case .parse(let name, _, let serverName):
                dropParse(serverName ?? name, isRefused: false)
                if readsStatements { names.drop(name) }
            case .ownParse(let name):
                dropOwnParse(name, isRefused: false)
            case .ownClose(let name):
                server?.statements.skipClose(name)
            case .ownDescribe:
                lease.awaitsShape = false
                lease.reprepared = nil
            case .ownDiscard:
                server?.noteSeveralDraws()
            case .closeStatement(let name, _):
                names.drop(name)
            case .query(_, let dropsUnnamed), .substituteQuery(_, let dropsUnnamed):
                if dropsUnnamed { names.drop(.unnamed) }
                keepUnnamedOnServer()
            case .substituteParse(_, dropsUnnamed: true):
                names.drop(.unnamed)
            default:
                break
            }
            expectations.removeFirst()
        }
        // The client has not sent its Sync yet: until it does, nothing it says is looked at. A Query among what was
        // skipped has ended nothing.
        skipsToSync = true
        lease.isUnsynced = true
        copyIn = .no
        copyExpectation = nil
        if keptSync { sendKeptSync() }
    }

    /// What might have begun a COPY was skipped.
    private func forgetSkippedCopy() {
        guard let number = copyExpectation, number < expectations.firstNumber else { return }
        copyIn = .no
        copyExpectation = nil
    }

    private func noteReady(_ body: RawSpan) -> Answer {
        lease.completedStatements = 0
        dropCopyEnds()
        let number = expectations.firstNumber
        switch expectations.removeFirstIfAny() {
        case .query(_, let dropsUnnamed), .substituteQuery(_, let dropsUnnamed):
            if dropsUnnamed { names.confirm(.unnamed) }
            lease.unnamedBeforeQuery = 0
            finishCopyIn(of: number)
        case .functionCall:
            break
        case .sync:
            if expectations.isEmpty { mayExecuteCopy = false }
        default:
            return .mismatch
        }
        dropCopyEnds()
        if mayHaveRuns { abortRuns() }
        if expectations.isEmpty, admission != nil { releaseRunning() }
        return updateStatus(body)
    }

    func updateStatus(_ body: RawSpan) -> Answer {
        guard body.byteCount == 1, let status = TransactionStatus(rawValue: body.byte(at: 0)) else { return .mismatch }
        transactionStatus = status
        // It has ended before the cancel came: what follows is not to blame.
        if expectations.isEmpty { exceededLimit = nil }
        if status == .idle, expectations.isEmpty, let log = runs.take() { judge.giveBack(log) }
        if expectations.isEmpty, !rewrites.isEmpty { rewrites = [] }
        guard poolMode == .transaction else { return .relay }
        lease.arrangement = .none
        if status == .idle {
            lease.hasLocalSettings = false
            if !lease.portalEffects.isEmpty { lease.portalEffects = [:] }
        }
        return lease.restores.isEmpty || !expectations.isEmpty ? .relay : restore(status)
    }
}

extension ClientSession {
    /// How much of a message, header included, has to be there before it is looked at.
    fileprivate func bytesLookedAt(_ tag: BackendTag) -> Int {
        if tag == .rowDescription, wantsShape { return Self.longestDescription }
        if tag == .errorResponse, wantsPlace { return Self.longestPlacedError }
        return tag.bytesLookedAt
    }
}

extension BackendTag {
    /// How much of a message, header included, has to be there before it is looked at.
    var bytesLookedAt: Int {
        switch self {
        case .errorResponse: 512
        case .commandComplete: 64
        case .parameterStatus: 4096
        case .readyForQuery: 6
        default: MessageHeader.size
        }
    }
}
