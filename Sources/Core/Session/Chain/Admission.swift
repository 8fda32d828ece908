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
    /// So many messages were sent and have not ended.
    var running = 0
    /// The context whose gates were asked: a reload may bring another.
    let context: PolicyContext

    init(_ context: PolicyContext) { self.context = context }

    /// For gates that only report, by their place: so many messages they would not have let pass, and hear no end of.
    private var unadmitted: [Int: Int] = [:]

    /// The next gate only reports, and would not have let the message pass.
    func passUnadmitted() {
        unadmitted[next, default: 0] += 1
        next += 1
    }

    /// One message has ended: the first `count` gates had let it pass.
    func release(gates count: Int) {
        for index in 0..<count {
            if let skipped = unadmitted[index] {
                unadmitted[index] = skipped > 1 ? skipped - 1 : nil
            } else {
                context.gates[index].decider.release()
            }
        }
    }

    /// Whether a gate holds the message at hand.
    var isHeld: Bool { delayedUntil != nil || pending != nil }

    /// The message at hand goes nowhere: those that have let it pass, or hold it, hear that it has ended.
    func abandon() {
        guard next > 0 || isHeld else { return }
        release(gates: next + (isHeld ? 1 : 0))
        next = 0
        isPassed = false
        delayedUntil = nil
        pending = nil
    }

    /// One message that all gates have let pass has ended.
    func releaseOne() { release(gates: context.gates.count) }
}

/// Constants that were read for gates.
struct ReadConstants: StatementConstantSource {
    let values: [[String]?]

    func value(ofConstant index: Int, in statement: Int) -> String? {
        guard values.indices.contains(statement), let constants = values[statement] else { return nil }
        return constants.indices.contains(index) ? constants[index] : nil
    }
}
