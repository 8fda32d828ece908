import PluginAPI
import PostgresWire
import SQLInspection

/// The gates between admitted statements and the server.
extension ClientSession {
    /// Until when the message at hand is held, by the reactor's clock: at the latest, if it also waits for a decision. nil
    /// when nothing says so.
    public var heldUntil: UInt64? { admission?.delayedUntil ?? admission?.pending?.deadline?.time }

    /// Whether the message at hand is held until something is decided.
    public var awaitsDecision: Bool { admission?.pending != nil }

    /// Runs `body` once that is decided, or will never be, on the thread that decides.
    public func whenDecided(_ body: @escaping @Sendable () -> Void) { admission?.pending?.whenDecided(body) }

    /// The client does not want what a gate holds any more. Answers false when nothing is held.
    public func cancelHeld() -> Bool {
        guard let admission, admission.isHeld else { return false }
        admission.isCancelled = true
        return true
    }

    /// Whether the gates need not be asked about the message at hand: they let it pass unseen.
    @inline(__always)
    func areGatesOpen(to verdict: Verdict) -> Bool {
        guard verdict.mayPassGatesUnseen, admission == nil else { return false }
        // Read first: the context would be counted while the clock is asked.
        let now = judge.now
        return policy.areGatesOpen(to: verdict.judged.count, at: now)
    }

    /// Asks the gates whether the statements may run now.
    ///
    /// - Parameter constants: of the statement in each place, where a gate wants them.
    func admit(
        _ statements: [JudgedStatement],
        constants: @autoclosure () -> [[String]?],
        parameters: (any ParameterSource)? = nil,
        executed: [Int: ExecutedStatement] = [:]
    ) -> AdmissionOutcome {
        let admission = admission ?? beginAdmission()
        guard !admission.isPassed else { return .passed }
        if admission.isHeld, let outcome = heldOutcome(of: admission, statements) { return outcome }
        // One for all gates: they are told the same.
        let event = admissionEvent(
            statements,
            constants: constants(),
            parameters: parameters,
            executed: executed,
            notes: admission.openNotes
        )
        while let gate = admission.gate {
            let verdict = gate.admit(event)
            if case .forward = verdict {
                admission.pass()
            } else if let outcome = outcome(of: verdict, admission, statements) {
                return outcome
            }
        }
        admission.passedAll()
        return .passed
    }

    /// What an answer that does not let the statements pass at once comes to; nil where the next gate is to be asked.
    private func outcome(
        of verdict: AdmissionVerdict,
        _ admission: Admission,
        _ statements: [JudgedStatement]
    ) -> AdmissionOutcome? {
        let step = admission.context.gates[admission.next]
        switch verdict {
        case .forward:
            admission.pass()
        case .deny(let denial) where step.isReport:
            let report = JudgedStatement.Report(file: step.file, denial: denial)
            for statement in statements { tell(report, statement) }
            admission.skip()
        case .deny(let denial):
            return .denied(refusal(denial, by: admission, statements))
        case .delay where step.isReport:
            admission.pass()
        case .delay(let until):
            admission.delay(until: until)
            return .held
        case .pending(let pending) where step.isReport:
            // Nobody is made to wait by what only reports.
            pending.withdraw()
            admission.pass()
        case .pending(let pending):
            admission.wait(for: pending)
            return .held
        }
        return nil
    }

    private func beginAdmission() -> Admission {
        let begun = policy.spareAdmission.take() ?? Admission(policy)
        begun.sessionNumber = number
        admission = begun
        return begun
    }

    /// What gates are told of.
    private func admissionEvent(
        _ statements: [JudgedStatement],
        isRefused: Bool = false,
        constants: [[String]?] = [],
        parameters: (any ParameterSource)? = nil,
        executed: [Int: ExecutedStatement] = [:],
        notes: AdmissionNotes? = nil
    ) -> AdmissionEvent {
        AdmissionEvent(
            session: policy.identity,
            sessionNumber: number,
            statements: statements,
            isRefused: isRefused,
            holdsServer: server != nil,
            now: judge.now,
            constants: ReadConstants(values: constants),
            parameters: parameters,
            executed: executed,
            notes: notes
        )
    }

    enum AdmissionOutcome {
        case passed
        case held
        case stillHeld
        /// Indirect, for a refusal is many times as large as all else, and hardly ever there.
        indirect case denied(Refusal)
    }

    /// What the gates' answer means for the message at hand; nil lets it go on.
    ///
    /// - Parameter verdict: kept while the message is held, so that its text is not judged again.
    func fate(
        by outcome: AdmissionOutcome,
        keeping verdict: Verdict?,
        deny: (Substitute) -> MessageFate
    ) -> MessageFate? {
        switch outcome {
        case .passed:
            return nil
        case .held:
            if let verdict { heldVerdict = verdict }
            return .hold
        case .stillHeld:
            if let verdict { heldVerdict = verdict }
            return .wait
        case .denied(let refusal):
            return deny(Substitute(refusal, yieldsToAbortedTransaction: true))
        }
    }

    /// What has become of what the message is held for; nil when it may go on.
    private func heldOutcome(of admission: Admission, _ statements: [JudgedStatement]) -> AdmissionOutcome? {
        if admission.isCancelled {
            admission.drop()
            var refusal = Refusal(ErrorResponse(.queryCanceled, "canceling statement due to user request"))
            refusal.statements = statements
            return .denied(refusal)
        }
        if let pending = admission.pending {
            if let deadline = pending.deadline, judge.now >= deadline.time { pending.resolve(.deny(deadline.denial)) }
            switch pending.decision {
            case nil:
                return .stillHeld
            case .deny(let denial):
                return .denied(refusal(denial, by: admission, statements))
            case .forward:
                admission.endWait()
                admission.delay(until: pending.notBefore)
            }
        }
        if let until = admission.delayedUntil {
            guard judge.now >= until else { return .held }
            admission.endDelay()
        }
        return nil
    }

    /// A gate has refused the message: those before it hear that it has ended.
    private func refusal(_ denial: Denial, by admission: Admission, _ statements: [JudgedStatement]) -> Refusal {
        var refusal = Refusal(denial.withoutOffset, file: admission.context.gates[admission.next].file)
        refusal.statements = statements
        admission.drop()
        return refusal
    }

    /// What was refused before it came to the gates is told to them: their denial takes that one's place.
    func admitRefused(_ refusal: Refusal) -> Refusal {
        let event = admissionEvent(refusal.statements, isRefused: true)
        for step in policy.gates {
            guard case .deny(let denial) = step.decider.admit(event), !step.isReport else { continue }
            var other = Refusal(denial.withoutOffset, file: step.file)
            other.statements = refusal.statements
            other.index = refusal.index
            return other
        }
        return refusal
    }

    // MARK: EXECUTE

    /// What the EXECUTEs among a Query's statements run, by their place; nil as long as that cannot be told.
    func executedStatements(of verdict: Verdict, _ text: RawSpan) -> [Int: ExecutedStatement]? {
        var executed: [Int: ExecutedStatement] = [:]
        // What the Query itself prepares, by its place.
        var fresh: [StatementName: PreparedStatement] = [:]
        for (index, facts) in verdict.statements.enumerated() {
            switch facts.preparedStatement {
            case .prepare(let name, let types):
                fresh[StatementName(sql: name)] = prepared(
                    verdict,
                    index: index,
                    text,
                    isNamed: true,
                    parameterTypes: types.map(\.parameterOID)
                )
            case .execute(let name, let arguments):
                let name = StatementName(sql: name)
                guard let candidates = names.candidates(name, batch: batch) else { return nil }
                guard let statement = fresh[name] ?? candidates.last,
                    statement.verdict.judged.indices.contains(statement.index)
                else { continue }
                let judged = statement.verdict.judged[statement.index]
                var parameters: ExecuteParameters?
                if policy.gates.contains(where: { $0.decider.wantsValues(of: judged) }),
                    let constants = judge.constants(of: verdict, statement: index, in: text)
                {
                    parameters = ExecuteParameters(
                        arguments: arguments,
                        constants: constants,
                        kinds: facts.constants.map(\.kind),
                        types: statement.parameterTypes
                    )
                }
                executed[index] = ExecutedStatement(
                    statement: judged,
                    constants: statement.constants,
                    parameters: parameters
                )
            case .deallocate, .deallocateAll, nil:
                break
            }
        }
        return executed
    }

    // MARK: Ends

    /// The message at hand is dealt with: it was sent, or will never be.
    func noteConsumed(isSent: Bool) {
        guard let admission else { return }
        if admission.isOfBindBehind, !skipsToSync {
            // This was the Parse, and its Bind comes next.
            admission.isOfBindBehind = false
        } else if admission.isPassed, isSent, !expectations.isEmpty {
            admission.sent()
        } else {
            if !admission.isIdle { admission.drop() }
            giveBackAdmission()
        }
    }

    /// Everything that was sent has been answered.
    func releaseRunning() {
        admission?.endRunning()
        giveBackAdmission()
    }

    /// An idle session keeps none.
    private func giveBackAdmission() {
        guard let admission, admission.isIdle else { return }
        self.admission = nil
        admission.context.spareAdmission = admission
    }

    /// The session is over.
    func releaseAll() {
        guard let admission = admission.take() else { return }
        admission.drop()
        admission.endRunning()
    }
}
