/// What the engine does with bytes it has shown to a session: relay `forward` of them as they are, send what stands in
/// the session's outboxes, skip `discard` more, and go on as `next` says.
public struct RelayStep {
    /// How to go on.
    public enum Next: Equatable {
        /// Show the bytes that follow, if there are any.
        case proceed
        /// Nothing can be said before this many bytes are there in one piece.
        case needMore(Int)
        /// Show the same bytes again once the other side has moved.
        case wait
        /// Find a server connection for `ClientSession.serverRequest` and attach it, or refuse the lease; then show the same
        /// bytes again.
        case lease
        /// Call `ClientSession.greet` with a cancel key; no server connection is needed yet.
        case greet
        /// Parse `ClientSession.textToInspect` on a thread with a stack in proportion, then call `ClientSession.inspected`.
        case inspect
        /// Show the same bytes again when `ClientSession.heldUntil` has come, or as `whenDecided` says.
        case hold
        /// Pass a cancel on, then close.
        case cancel(processID: Int32, secret: Int32)
        /// Close the client's connection once the outbox is on its way.
        case close
    }

    /// Bytes to relay as they are.
    public var forward: Int
    /// Bytes to drop after the outboxes have been sent.
    public var discard: Int
    /// How to go on after both.
    public var next: Next

    /// A step that relays and drops nothing unless told to.
    @inline(__always)
    public init(forward: Int = 0, discard: Int = 0, _ next: Next) {
        self.forward = forward
        self.discard = discard
        self.next = next
    }
}
