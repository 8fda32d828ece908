import PluginAPI
import PostgresWire
import SQLInspection

/// What the client says, once the session runs.
///
/// Messages that pass stay where they are: the loop counts how many bytes may be relayed and stops at the first that
/// may not. A message is looked at when all of it (of a Bind: all that anybody wants) is there.
extension ClientSession {
    /// What to do with one message that is there in full, or whose header decides.
    enum MessageFate: Equatable {
        /// Relay it, and what of it is still to come.
        case pass
        /// Send the outboxes in the message's place.
        case replace
        /// The outbox to the server holds what is there of it in another form; relay what is still to come.
        case rewrite
        /// Drop it without a word.
        case ignore
        /// It needs a server connection.
        case lease
        case needMore(Int)
        case wait
        case inspect
        /// A gate holds it: `heldUntil` or `whenDecided` says how long.
        case hold
        case close
    }

    func relayFromClient(_ bytes: RawSpan) -> RelayStep {
        if hasSaidGoodbye { return RelayStep(discard: bytes.byteCount, .proceed) }
        var passed = 0
        while true {
            if bodyRemaining > 0 {
                let count = min(bodyRemaining, bytes.byteCount - passed)
                if bodyIsDropped {
                    guard passed == 0 else { return RelayStep(forward: passed, .proceed) }
                    bodyRemaining -= count
                    return RelayStep(discard: count, .proceed)
                }
                bodyRemaining -= count
                passed += count
            }
            if owesSync, bodyRemaining == 0 {
                sendKeptSync()
                return RelayStep(forward: passed, .proceed)
            }
            let available = bytes.byteCount - passed
            guard available >= MessageHeader.size else {
                return RelayStep(forward: passed, available == 0 ? .proceed : .needMore(MessageHeader.size))
            }
            let length = Int(bytes.int32(at: passed + 1))
            guard let tag = FrontendTag(rawValue: bytes.byte(at: passed)) else {
                return fail(forward: passed, "invalid frontend message type \(bytes.byte(at: passed))")
            }
            guard length >= MessageHeader.lengthFieldSize, length <= tag.maximumLength else {
                return fail(forward: passed, "invalid message length")
            }
            let size = length + 1
            let fate = fate(of: tag, size: size, bytes, at: passed, available: min(size, available))
            switch fate {
            case .pass:
                if admission != nil { noteConsumed(isSent: true) }
                bodyRemaining = max(0, size - available)
                bodyIsDropped = false
                passed += min(size, available)
            case .replace, .ignore, .rewrite:
                if admission != nil { noteConsumed(isSent: fate != .ignore) }
                // Of a message that was held and then skipped: no other may pass by it.
                heldVerdict = nil
                let there = min(size, available)
                bodyRemaining = size - there
                bodyIsDropped = fate != .rewrite
                return RelayStep(forward: passed, discard: there, .proceed)
            case .lease:
                return RelayStep(forward: passed, .lease)
            case .needMore(let count):
                return RelayStep(forward: passed, .needMore(count))
            case .wait:
                // Without a Sync or Flush behind it the server may keep what is waited for.
                flushBatch()
                return RelayStep(forward: passed, .wait)
            case .inspect:
                return RelayStep(forward: passed, .inspect)
            case .hold:
                return RelayStep(forward: passed, .hold)
            case .close:
                return RelayStep(forward: passed, .close)
            }
        }
    }

    /// Ends a session whose client broke the protocol, as PostgreSQL does, but with a word.
    private func fail(forward: Int, _ message: String) -> RelayStep {
        end(.fatal(.protocolViolation, message))
        return RelayStep(forward: forward, .close)
    }

    private func fate(
        of tag: FrontendTag,
        size: Int,
        _ bytes: RawSpan,
        at start: Int,
        available: Int
    ) -> MessageFate {
        if tag == .terminate { return fateOfTerminate(isWhole: available == size, size: size) }
        if policy.generation != judge.generation { adoptPolicy() }
        guard expectations.count < limits.maximumPipelineLength, !mustWait else { return .wait }
        if let refusal = refusalOfLease { return refuse(tag, refusal) }
        if skipsToSync {
            // PostgreSQL reads on but looks at nothing before Sync; what follows a denial gets no look here either.
            guard tag == .sync else { return .ignore }
        } else if let fate = fateDuringCopy(of: tag) {
            return fate
        }
        let isWhole = available == size
        switch tag {
        case .query:
            guard isWhole || isReadInPart(size) else { return .needMore(size) }
            return fateOfQuery(bytes, start, available: available, isWhole: isWhole)
        case .parse:
            guard isWhole || isReadInPart(size) else { return .needMore(size) }
            return fateOfParse(bytes, start, available: available, isWhole: isWhole)
        case .bind:
            return fateOfBind(bytes, start, size: size, available: available)
        case .describe, .close:
            guard isWhole else { return .needMore(size) }
            return fateOfTarget(tag, bytes, start, size: size)
        case .execute:
            guard isWhole else { return .needMore(size) }
            guard server != nil else { return .lease }
            let body = bytes.extracting(start + MessageHeader.size..<start + size)
            guard mayHavePortal(in: body) else { return denyParse(.unknownPortal, dropsUnnamed: false) }
            noteExecute(body)
            return .pass
        case .sync:
            return fateOfSync(size)
        case .copyData, .flush, .copyDone, .copyFail:
            // Nothing would answer it, and a server connection that was spoken to is kept until it has answered.
            return server == nil || answersAlone ? .ignore : fateOfCopyMessage(tag)
        case .functionCall:
            guard policy.isJudged else { return relayFunctionCall() }
            return denyFunctionCall()
        case .password:
            end(.fatal(.protocolViolation, "invalid frontend message type \(tag.rawValue)"))
            return .close
        case .terminate:
            return .close
        }
    }

    /// Another chain was loaded: from here on the session is measured against that, unless something is under way.
    private func adoptPolicy() {
        guard expectations.isEmpty, transactionStatus == .idle, !lease.isUnsynced, copyIn == .no, lease.aside == nil,
            !skipsToSync, heldVerdict == nil, admission?.isIdle != false
        else { return }
        admission = nil
        policy = judge.context(for: policy.identity)
        // What was prepared was judged by the old chain: with its text it is judged anew when it is bound.
        names.forgetUnnamed()
        unnamed = UnnamedStatement()
    }

    private func fateOfCopyMessage(_ tag: FrontendTag) -> MessageFate {
        switch tag {
        case .copyData:
            if copyIn == .possible { hasSentEarlyCopyData = true }
        case .copyDone, .copyFail:
            endCopyIn()
        default:
            break
        }
        return .pass
    }

    private func relayFunctionCall() -> MessageFate {
        guard server != nil else { return .lease }
        noteUnknownEffects()
        expectations.append(.functionCall)
        return .pass
    }

    /// PostgreSQL reads Terminate when it gets to it: what was asked before is done and answered first.
    private func fateOfTerminate(isWhole: Bool, size: Int) -> MessageFate {
        guard isBusy else { return .close }
        guard isWhole else { return .needMore(size) }
        hasSaidGoodbye = true
        toServer.appendTerminate()
        return .replace
    }

    /// Nobody waits for the body of a message that is not judged, or so long that it is refused on its header.
    private func isReadInPart(_ size: Int) -> Bool {
        !readsStatements || size > judge.maximumStatementBytes + 64 * 1024
    }

    // MARK: COPY IN

    /// While the server reads COPY data it takes CopyData, CopyDone, CopyFail, Flush and Sync; whatever else arrives
    /// ends the session there (08P01, FATAL). That is what the client gets, without a byte of its message: one with the
    /// same type and no content has the same effect. Terminate follows, for the COPY may have failed by then, and what
    /// the server makes of the message is not what was noted here.
    private func fateDuringCopy(of tag: FrontendTag) -> MessageFate? {
        switch (copyIn, tag) {
        case (.no, _), (_, .copyData), (_, .copyDone), (_, .copyFail), (_, .flush), (_, .sync):
            return nil
        case (.possible, _):
            askForAnswers()
            return .wait
        case (.active, _):
            toServer.appendEmpty(tag.rawValue, terminated: true)
            toServer.appendTerminate()
            hasSaidGoodbye = true
            return .replace
        }
    }

    private func fateOfSync(_ size: Int) -> MessageFate {
        if answersAlone { return answerSync() }
        switch copyIn {
        case .active:
            hasKeptSync = true
            return .ignore
        case .possible where hasSentEarlyCopyData:
            askForAnswers()
            return .wait
        case .possible, .no:
            noteSync()
            return .pass
        }
    }

    private func noteSync() {
        skipsToSync = false
        lease.isUnsynced = false
        batch += 1
        expectations.append(.sync)
    }

    /// The COPY whose data a Sync stood among has failed, and the client waits for the answer to that Sync.
    func sendKeptSync() {
        owesSync = bodyRemaining > 0
        guard !owesSync else { return }
        noteSync()
        toServer.appendEmpty(FrontendTag.sync.rawValue)
    }

    /// A client that pipelines need not say Flush before its Sync, and without either the server keeps its answers.
    private func askForAnswers() {
        guard mayHoldAnswerBack else { return }
        mayHoldAnswerBack = false
        toServer.appendEmpty(FrontendTag.flush.rawValue)
    }

    private func endCopyIn() {
        // Not knowing yet whether the server will begin a COPY, leave a mark that this is where it would end.
        if copyIn == .possible || (copyIn == .no && !policy.isJudged && !expectations.isEmpty) {
            expectations.append(.copyEnd)
        }
        if copyIn != .no { copyIn = copyMayRepeat ? .possible : .no }
        hasSentEarlyCopyData = false
        hasKeptSync = false
    }

    /// PostgreSQL 15 crashes, with all its sessions, when the unnamed portal is used that a failed Query left in a
    /// transaction. A Query always takes the place of that portal, so what PostgreSQL says otherwise is known.
    private func mayHavePortal(in execute: RawSpan) -> Bool {
        hasUnnamedPortal || !readsStatements || execute.byteCount == 0 || execute.byte(at: 0) != 0
    }

    private func noteExecute(_ body: RawSpan) {
        lease.isUnsynced = true
        let effects = effects(ofPortalIn: body)
        expectations.append(.execute(effects))
        let bound = runs?.portals.bound(inExecute: body)
        noteRun(of: bound)
        if let bound { noteRewrite(of: bound.statement.verdict) }
        if case .none = effects {} else { noteNameChange() }
        guard mayExecuteCopy else { return }
        expectCopyIn(mayRepeat: false)
        mayHoldAnswerBack = true
    }

    /// The message just sent may make the server read COPY data. With `mayRepeat` it may do so more than once.
    func expectCopyIn(mayRepeat: Bool) {
        copyIn = .possible
        copyMayRepeat = mayRepeat
        mayHoldAnswerBack = false
        hasSentEarlyCopyData = false
        copyExpectation = expectations.lastNumber
    }
}
