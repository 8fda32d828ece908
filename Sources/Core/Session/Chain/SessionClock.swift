/// A reactor's clock.
public protocol SessionClock: AnyObject {
    /// Monotonic nanoseconds, as of the reactor's last look at its sockets.
    var nanoseconds: UInt64 { get }
    /// Monotonic nanoseconds, of this moment: costs a look at the clock.
    func readNanoseconds() -> UInt64
}
