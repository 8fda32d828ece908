import Synchronization

/// A decision that is made off the reactor: on a disk, by another process, or when somebody else's statement has ended.
public final class PendingAdmission: Sendable {
    /// How it was decided.
    public enum Decision: Sendable {
        case forward
        case deny(Denial)
    }

    /// How it is decided when nobody else has by then.
    public struct Deadline: Sendable {
        /// When, by the reactor's clock, in nanoseconds.
        public let time: UInt64
        /// Why the statements may not run then.
        public let denial: Denial

        /// A denial at this time.
        public init(time: UInt64, denial: Denial) {
            self.time = time
            self.denial = denial
        }
    }

    private struct State {
        var decision: Decision?
        var isWithdrawn = false
        var waiter: (@Sendable () -> Void)?
    }

    /// When the wait ends at the latest; nil for a decision that is sure to come.
    public let deadline: Deadline?
    /// What is decided early is not forwarded before the reactor's clock shows this many nanoseconds.
    public let notBefore: UInt64
    private let state = Mutex(State())

    /// Nothing is decided yet.
    public init(deadline: Deadline? = nil, notBefore: UInt64 = 0) {
        self.deadline = deadline
        self.notBefore = notBefore
    }

    /// Decides, from any thread. Only the first decision counts, and none once nobody waits for it any more.
    ///
    /// - Returns: whether it counts.
    @discardableResult
    public func resolve(_ decision: Decision) -> Bool {
        let (counts, waiter) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            guard state.decision == nil, !state.isWithdrawn else { return (false, nil) }
            state.decision = decision
            return (true, state.waiter.take())
        }
        waiter?()
        return counts
    }

    /// Nobody waits for the decision any more.
    ///
    /// - Returns: whether there was none yet: then there will never be one.
    @discardableResult
    public func withdraw() -> Bool {
        let (isUndecided, waiter) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            guard state.decision == nil else { return (false, nil) }
            state.isWithdrawn = true
            return (true, state.waiter.take())
        }
        waiter?()
        return isUndecided
    }

    /// Whether somebody still waits for it.
    public var isAwaited: Bool { state.withLock { $0.decision == nil && !$0.isWithdrawn } }

    /// The decision, once it is there.
    public var decision: Decision? { state.withLock { $0.decision } }

    /// Runs `body` once there is a decision, or there will be none: at once, or on the thread that decides.
    public func whenDecided(_ body: @escaping @Sendable () -> Void) {
        let isDecided = state.withLock { state in
            if state.decision != nil || state.isWithdrawn { return true }
            state.waiter = body
            return false
        }
        if isDecided { body() }
    }
}
