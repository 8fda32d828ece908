/// Since when a lease's statement runs, or its open transaction idles. Looked at by the host's tick, so that a statement
/// costs no timer.
struct LeaseClocks {
    /// When the client asked for what the server has not answered yet; nil when nothing is under way.
    private(set) var busySince: MonotonicTime?
    /// When the server had answered everything.
    private(set) var idleSince: MonotonicTime?
    /// When the server was told to cancel the statement that has run too long.
    var cancelledAt: MonotonicTime?

    @inline(__always)
    mutating func clientSpoke(at now: MonotonicTime) {
        guard busySince == nil else { return }
        busySince = now
        idleSince = nil
    }

    mutating func serverSpoke(at now: MonotonicTime, isBusy: Bool) {
        guard !isBusy else { return }
        busySince = nil
        cancelledAt = nil
        idleSince = now
    }

    /// There is no lease any more.
    @inline(__always)
    mutating func stop() {
        busySince = nil
        idleSince = nil
        cancelledAt = nil
    }
}
