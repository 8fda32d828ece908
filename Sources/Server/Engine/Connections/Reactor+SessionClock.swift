public import Session

extension Reactor: SessionClock {
    /// `now`, as sessions read it.
    public var nanoseconds: UInt64 { UInt64(clamping: now.nanoseconds) }

    /// The clock, as hooks are measured by it.
    public func readNanoseconds() -> UInt64 { UInt64(clamping: MonotonicTime.read().nanoseconds) }
}
