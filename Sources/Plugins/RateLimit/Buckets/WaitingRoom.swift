import PluginAPI
import Synchronization

/// A slot that is needed, or held.
struct Slot: Sendable {
    let slots: Slots
    let capacity: Int

    func take() -> Bool { slots.take(of: capacity) }

    /// Whether it could not be had at this moment.
    var isMissing: Bool { slots.count >= capacity || slots.hasWaiters }
}

/// Who waits for slots, first come, first served: what somebody needs that came earlier is not given to those after him.
///
/// Touched only when a slot is not free, or somebody waits.
final class WaitingRoom: Sendable {
    /// More are not made to wait: they are refused.
    static let capacity = 10_000

    private struct Waiter {
        let needs: [Slot]
        let admission: PendingAdmission
    }

    private let waiters = Mutex<[Waiter]>([])

    /// What became of who came.
    enum Arrival {
        case granted
        case waits
        case full
    }

    /// Waits for all of `needs` at once. When they are given later, `admission` is decided.
    func enter(_ needs: [Slot], _ admission: PendingAdmission) -> Arrival {
        let (arrival, others) = waiters.withLock { waiters -> (Arrival, [Waiter]) in
            guard waiters.count < Self.capacity || waiters.contains(where: { !$0.admission.isAwaited }) else {
                return (.full, [])
            }
            for need in needs { need.slots.beginWait() }
            waiters.append(Waiter(needs: needs, admission: admission))
            var granted = Self.serve(&waiters)
            guard let own = granted.firstIndex(where: { $0.admission === admission }) else { return (.waits, granted) }
            granted.remove(at: own)
            return (.granted, granted)
        }
        tell(others)
        return arrival
    }

    /// Takes all of `needs` if they are free and nobody waits for them.
    func take(_ needs: [Slot]) -> Bool {
        if needs.contains(where: { $0.slots.hasWaiters }) {
            // They may have given up.
            tell(waiters.withLock { Self.serve(&$0) })
            guard !needs.contains(where: { $0.slots.hasWaiters }) else { return false }
        }
        for (index, need) in needs.enumerated() where !need.take() {
            giveBack(Array(needs[..<index]))
            return false
        }
        return true
    }

    /// Gives back what somebody held, to those who wait for it.
    func giveBack(_ held: [Slot]) {
        for slot in held { slot.slots.giveBack() }
        guard held.contains(where: { $0.slots.hasWaiters }) else { return }
        tell(waiters.withLock { Self.serve(&$0) })
    }

    /// Who has given up meanwhile gives back what he was given.
    private func tell(_ granted: [Waiter]) {
        for waiter in granted where !waiter.admission.resolve(.forward) { giveBack(waiter.needs) }
    }

    /// Takes those from the queue who have given up, and those who can have all they need.
    private static func serve(_ waiters: inout [Waiter]) -> [Waiter] {
        var granted: [Waiter] = []
        var spoken: Set<ObjectIdentifier> = []
        waiters = waiters.filter { waiter in
            if waiter.admission.isAwaited {
                let isFree = !waiter.needs.contains { spoken.contains(ObjectIdentifier($0.slots)) }
                guard isFree, takeAll(waiter.needs) else {
                    for need in waiter.needs { spoken.insert(ObjectIdentifier(need.slots)) }
                    return true
                }
                granted.append(waiter)
            }
            for need in waiter.needs { need.slots.endWait() }
            return false
        }
        return granted
    }

    /// All or none.
    private static func takeAll(_ needs: [Slot]) -> Bool {
        for (index, need) in needs.enumerated() where !need.take() {
            for taken in needs[..<index] { taken.slots.giveBack() }
            return false
        }
        return true
    }
}
