import SQLInspection

/// The verdicts on one cached text, a handful at most: the eldest makes room.
final class VerdictCache {
    static let capacity = 8
    private(set) var verdicts: [Verdict] = []
    private var next = 0

    deinit {
        for verdict in verdicts { verdict.letGo() }
    }

    /// The verdict for `context` that holds. By index, so that the array is not held meanwhile, which costs two atomic
    /// operations a statement.
    @inline(__always)
    func first(for context: PolicyContext, where holds: (LiteralKey) -> Bool) -> Verdict? {
        for index in verdicts.indices where verdicts[index].context === context {
            guard let key = verdicts[index].dependencies else { return verdicts[index] }
            if holds(key) { return verdicts[index] }
        }
        return nil
    }

    func insert(_ verdict: Verdict) {
        guard verdict.isReusable else { return }
        verdict.keep()
        if verdicts.count < Self.capacity {
            verdicts.append(verdict)
        } else {
            verdicts[next].letGo()
            verdicts[next] = verdict
            next = (next + 1) % Self.capacity
        }
    }
}
