public import Session

extension Reactor: SessionClock {
    public var nanoseconds: UInt64 { UInt64(clamping: now.nanoseconds) }
}
