import PluginAPI
import PostgresWire

/// The gates between admitted statements and the server.
extension ClientSession {
    /// Until when the message at hand is held, by the reactor's clock; nil when it is not.
    public var heldUntil: UInt64? { admission?.delayedUntil }
    /// Runs `body` once it is decided what becomes of the message at hand, on the thread that decides; answers whether it
    /// waits for that.
    public func whenDecided(_ body: @escaping @Sendable () -> Void) -> Bool {
        guard let pending = admission?.pending else { return false }
        pending.whenDecided(body)
        return true
    }

    /// Asks the gates whether what `verdict` is on may run now. nil lets it go on.
    ///
    /// - Parameter values: constants and parameters, read only when a gate wants them.
    func admit(
        _ statements: [JudgedStatement],
        constants: (Int) -> [String]?,
        parameters: (any ParameterSource)? = nil
    ) -> AdmissionOutcome {
        guard !policy.gates.isEmpty else { return .passed }
        if admission == nil { admission = Admission(policy) }
        guard let admission, !admission.isPassed else { return .passed }
        if let outcome = heldOutcome(of: admission) { return outcome }
        let wantsValues = admission.context.gates.contains { step in
            statements.contains { step.decider.wantsValues(of: $0) }
        }
        let constants = ReadConstants(values: wantsValues ? statements.indices.map(constants) : [])
        while admission.next < admission.context.gates.count {
            let step = admission.context.gates[admission.next]
            let event = AdmissionEvent(
                session: policy.identity,
                sessionNumber: number,
                statements: statements,
                isRefused: false,
                holdsServer: server != nil,
                now: judge.now,
                constants: constants,
                parameters: parameters,
                notes: admission.openNotes
            )
            switch step.decider.admit(event) {
            case .forward:
                admission.next += 1
            case .deny where step.isReport:
                admission.next += 1
            case .deny(let denial):
                return .denied(refusal(denial, by: admission, statements))
            case .delay(let until):
                admission.delayedUntil = until
                return .held
            case .pending(let pending):
                admission.pending = pending
                return .held
            }
        }
        admission.isPassed = true
        return .passed
    }

    enum AdmissionOutcome {
        case passed
        case held
        case stillHeld
        case denied(Refusal)
    }

    /// What has become of what the message is held for; nil when it is not, or may go on.
    private func heldOutcome(of admission: Admission) -> AdmissionOutcome? {
        if let until = admission.delayedUntil {
            guard judge.now >= until else { return .held }
            admission.delayedUntil = nil
            admission.next += 1
        }
        if let pending = admission.pending {
            guard let decision = pending.decision else { return .stillHeld }
            admission.pending = nil
            if case .deny(let denial) = decision { return .denied(refusal(denial, by: admission, [])) }
            admission.next += 1
        }
        return nil
    }

    /// A gate has refused the message: those before it hear that it has ended.
    private func refusal(_ denial: Denial, by admission: Admission, _ statements: [JudgedStatement]) -> Refusal {
        for step in admission.context.gates[..<admission.next] { step.decider.release() }
        _ = admission.takeNotes()
        var refusal = Refusal(denial.withoutOffset, file: admission.context.gates[admission.next].file)
        refusal.statements = statements
        admission.next = 0
        return refusal
    }

    /// What deciders have refused is told to the gates, whose denial takes that one's place.
    func admitRefused(_ refusal: Refusal) -> Refusal {
        guard refusal.rule != nil else { return refusal }
        for step in policy.gates {
            let event = AdmissionEvent(
                session: policy.identity,
                sessionNumber: number,
                statements: refusal.statements,
                isRefused: true,
                holdsServer: server != nil,
                now: judge.now,
                constants: ReadConstants(values: []),
                parameters: nil
            )
            guard case .deny(let denial) = step.decider.admit(event), !step.isReport else { continue }
            var other = Refusal(denial.withoutOffset, file: step.file)
            other.statements = refusal.statements
            other.index = refusal.index
            return other
        }
        return refusal
    }

    // MARK: Ends

    /// The message that the gates have let pass is dealt with: it was sent, or will never be.
    func noteConsumed(isSent: Bool) {
        guard let admission, admission.isPassed else { return }
        _ = admission.takeNotes()
        admission.isPassed = false
        admission.next = 0
        if isSent, !expectations.isEmpty { admission.running += 1 } else { admission.releaseOne() }
    }

    /// Everything that was sent has been answered.
    func releaseRunning() {
        guard let admission, admission.running > 0 else { return }
        for _ in 0..<admission.running { admission.releaseOne() }
        admission.running = 0
    }

    /// The session is over.
    func releaseAll() {
        guard let admission else { return }
        releaseRunning()
        let isHeld = admission.delayedUntil != nil || admission.pending != nil
        for step in admission.context.gates[..<(admission.next + (isHeld ? 1 : 0))] { step.decider.release() }
        self.admission = nil
    }
}
