import PluginAPI

/// Where a session's messages stand with the gates.
final class Admission {
    /// The gate to ask next about the message at hand.
    var next = 0
    /// It may go on when the reactor's clock shows this.
    var delayedUntil: UInt64?
    /// It may go on once this is decided.
    var pending: PendingAdmission?
    /// All gates have let it pass; it has not been sent.
    var isPassed = false
    /// What gates keep with the message at hand.
    private var notes = AdmissionNotes()
    /// So many messages were sent and have not ended.
    var running = 0
    /// The context whose gates were asked: a reload may bring another.
    let context: PolicyContext

    init(_ context: PolicyContext) { self.context = context }

    /// Where gates keep what is told with outcomes.
    var openNotes: AdmissionNotes { notes }

    /// What the gates have kept with the message that is about to be sent; nil for nothing.
    func takeNotes() -> AdmissionNotes? {
        guard !notes.isEmpty else { return nil }
        let taken = notes
        notes = AdmissionNotes()
        return taken
    }

    func releaseOne() {
        for step in context.gates { step.decider.release() }
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
