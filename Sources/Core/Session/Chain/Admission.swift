import PluginAPI

/// Where a session's messages stand with the gates. Sessions of an identity take turns with a few of these: an idle one
/// has none.
final class Admission {
    /// The gate to ask next about the message at hand.
    private(set) var next = 0
    /// It may go on when the reactor's clock shows this.
    private(set) var delayedUntil: UInt64?
    /// It may go on once this is decided.
    private(set) var pending: PendingAdmission?
    /// The client does not want to wait for it any longer.
    var isCancelled = false
    /// All gates have let it pass; it has not been sent.
    private(set) var isPassed = false
    /// What they were asked about is the Bind behind the Parse at hand.
    var isOfBindBehind = false
    /// What gates keep with the message at hand.
    private var notes = AdmissionNotes()
    /// The context whose gates were asked: a reload may bring another.
    let context: PolicyContext

    private struct Count {
        /// Whether the gate has let the message at hand pass.
        var isAtHand = false
        /// So many messages that it let pass were sent and have not ended.
        var running = 0
    }

    /// Gate by gate, what it is still to be told the end of.
    private var counts: [Count]
    /// Whether any of the messages that were sent has not ended.
    private var isRunning = false

    /// Whose it is at the moment.
    var sessionNumber = 0

    init(_ context: PolicyContext) {
        self.context = context
        counts = Array(repeating: Count(), count: context.gates.count)
    }

    /// Whether a gate holds the message at hand.
    var isHeld: Bool { delayedUntil != nil || pending != nil }

    /// Whether no gate has been asked about the message at hand, and everything that was sent has ended.
    var isIdle: Bool { !isPassed && next == 0 && !isHeld && !isRunning }

    /// The gate to ask; nil when all have been.
    var gate: (any AdmissionGate)? {
        next < context.gates.count ? context.gates[next].decider : nil
    }

    /// The gate asked has let the message pass.
    func pass() {
        counts[next].isAtHand = true
        next += 1
    }

    /// The gate asked has no say.
    func skip() { next += 1 }

    /// The gate asked has let the message pass, but not before this time.
    func delay(until time: UInt64) {
        counts[next].isAtHand = true
        delayedUntil = time
    }

    /// The gate asked decides later.
    func wait(for decision: PendingAdmission) {
        counts[next].isAtHand = true
        pending = decision
    }

    /// The time has come.
    func endDelay() {
        delayedUntil = nil
        pass()
    }

    /// The decision has come.
    func endWait() { pending = nil }

    /// All gates have let the message pass.
    func passedAll() { isPassed = true }

    /// The message at hand will never be sent: the gates that have let it pass, or made it wait, hear that it has ended.
    func drop() {
        pending?.withdraw()
        for index in counts.indices where counts[index].isAtHand {
            counts[index].isAtHand = false
            context.gates[index].decider.release(sessionNumber: sessionNumber)
        }
        clear()
    }

    /// The message at hand was sent.
    func sent() {
        for index in counts.indices where counts[index].isAtHand {
            counts[index].isAtHand = false
            counts[index].running += 1
        }
        isRunning = true
        clear()
    }

    private func clear() {
        _ = takeNotes()
        next = 0
        delayedUntil = nil
        pending = nil
        isPassed = false
        isOfBindBehind = false
        isCancelled = false
    }

    /// Everything that was sent has ended.
    func endRunning() {
        guard isRunning else { return }
        isRunning = false
        for index in counts.indices {
            for _ in 0..<counts[index].running { context.gates[index].decider.release(sessionNumber: sessionNumber) }
            counts[index].running = 0
        }
    }

    /// Where gates keep what is told with outcomes.
    var openNotes: AdmissionNotes { notes }

    /// What the gates have kept with the message that is about to be sent; nil for nothing.
    func takeNotes() -> AdmissionNotes? {
        guard !notes.isEmpty else { return nil }
        let taken = notes
        notes = AdmissionNotes()
        return taken
    }
}

/// Constants that were read for gates.
struct ReadConstants: StatementConstantSource {
    let values: [[String]?]

    func value(ofConstant index: Int, in statement: Int) -> String? {
        guard values.indices.contains(statement), let constants = values[statement] else { return nil }
        return constants.indices.contains(index) ? constants[index] : nil
    }
}
