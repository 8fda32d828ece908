/// What time brings.
extension ServerPool {
    /// What is due.
    public struct Due: Hashable, Sendable {
        /// These have waited too long, and wait no more.
        public var timedOut: [PoolWaiter] = []
        /// Close these.
        public var close: [PooledServer] = []
        /// Settle these, then `give` them or report `pinned`.
        public var settle: [PooledServer] = []
        /// Open these for nobody in particular.
        public var open: [PooledServer] = []

        /// Whether nothing is due.
        public var isEmpty: Bool { timedOut.isEmpty && close.isEmpty && settle.isEmpty && open.isEmpty }
    }

    private static let housekeeping = Duration.seconds(1)

    /// Looks what is due; then ask for `nextStep`.
    public mutating func tick(at now: PoolTime) -> Due {
        var due = Due()
        due.timedOut = timeOut(at: now)
        guard now >= keepsHouseAgain, !isClosing else { return due }
        keepsHouseAgain = now + Self.housekeeping
        // Nobody waits for ever because two reactors have just missed each other's word.
        if search == .exhausted { search = .none }
        due.close = retire(at: now)
        due.settle = settleSilent(at: now)
        if share.total < limits.minimum, case .open(let server) = open(at: now, limit: limits.minimum) {
            due.open = [server]
        }
        return due
    }

    private mutating func timeOut(at now: PoolTime) -> [PoolWaiter] {
        guard let limit = limits.waitTime else { return [] }
        var timedOut: [PoolWaiter] = []
        while let eldest = eldestWaiter, waiters[eldest.slot].since + limit <= now {
            leave(eldest)
            timedOut.append(eldest)
        }
        return timedOut
    }

    private mutating func retire(at now: PoolTime) -> [PooledServer] {
        var retired: [PooledServer] = []
        for slot in servers.slots(of: free).reversed() {
            let isIdle = limits.idleTime.map { servers[slot].idleSince + $0 <= now } ?? false
            let isExpired = servers[slot].expiry <= now
            guard isExpired || isIdle, share.retire(keeping: isExpired ? 0 : limits.minimum) else { continue }
            leaveState(of: slot)
            servers[slot].isRetired = true
            retired.append(PooledServer(slot: slot))
        }
        return retired
    }

    private mutating func settleSilent(at now: PoolTime) -> [PooledServer] {
        var settled: [PooledServer] = []
        while revocable.first != SlotList.end, servers[revocable.first].idleSince + limits.settleAfter <= now {
            settled.append(settle(revocable.first, promise: nil))
        }
        return settled
    }
}
