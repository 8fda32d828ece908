public import Session

extension Reactor: SessionClock {
    /// `now`, as sessions read it.
    public var nanoseconds: UInt64 { UInt64(clamping: now.nanoseconds) }
}
