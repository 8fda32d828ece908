/// The verdicts on one cached text, a handful at most: the eldest makes room.
final class VerdictCache {
    static let capacity = 8
    private(set) var verdicts: [Verdict] = []
    private var next = 0

    func insert(_ verdict: Verdict) {
        guard verdict.isReusable else { return }
        if verdicts.count < Self.capacity {
            verdicts.append(verdict)
        } else {
            verdicts[next] = verdict
            next = (next + 1) % Self.capacity
        }
    }
}
