import Synchronization

/// A decision that is made off the reactor: on a disk, by another process.
public final class PendingAdmission: Sendable {
    /// How it was decided.
    public enum Decision: Sendable {
        case forward
        case deny(Denial)
    }

    private struct State {
        var decision: Decision?
        var waiter: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Nothing is decided yet.
    public init() {}

    /// Decides, from any thread. Only the first decision counts.
    public func resolve(_ decision: Decision) {
        let waiter = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.decision == nil else { return nil }
            state.decision = decision
            return state.waiter.take()
        }
        waiter?()
    }

    /// The decision, once it is there.
    public var decision: Decision? { state.withLock { $0.decision } }

    /// Runs `body` once there is a decision: at once, or on the thread that decides.
    public func whenDecided(_ body: @escaping @Sendable () -> Void) {
        let isDecided = state.withLock { state in
            if state.decision != nil { return true }
            state.waiter = body
            return false
        }
        if isDecided { body() }
    }
}
