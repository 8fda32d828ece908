/// A moment on the engine's monotonic clock, handed in with every event: the pool reads no clock.
public struct PoolTime: Sendable, Hashable, Comparable {
    /// Since an arbitrary start; only differences mean something.
    public let nanoseconds: Int64

    /// - Parameter nanoseconds: since an arbitrary start.
    @inline(__always)
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// A moment that never comes.
    static let never = PoolTime(nanoseconds: .max)

    /// Whether `left` came before `right`.
    public static func < (left: PoolTime, right: PoolTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// `never` when the sum does not fit.
    static func + (time: PoolTime, duration: Duration) -> PoolTime {
        let (seconds, attoseconds) = duration.components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isTooLate) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        let (end, isPastTheEnd) = time.nanoseconds.addingReportingOverflow(sum)
        return isTooLong || isTooLate || isPastTheEnd ? .never : PoolTime(nanoseconds: end)
    }
}
