internal import HeapModule

/// Names a scheduled timer so that it can be cancelled. A token whose timer has fired or was cancelled names nothing.
public struct TimerToken: Sendable, Hashable {
    let slot: Int32
    let generation: UInt32
}

/// Timers ordered by deadline, and by the order they were scheduled in where deadlines are equal.
///
/// Cancelling empties the timer's slot and leaves its heap entry to be skipped later, so that a timeout that never
/// fires, which is nearly all of them, costs one heap insertion and no removal. When stale entries are the larger
/// part, the heap is rebuilt without them.
struct TimerQueue<Action> {
    private struct Entry: Comparable {
        let deadline: MonotonicTime
        let sequence: UInt64
        let token: TimerToken

        static func < (left: Entry, right: Entry) -> Bool {
            (left.deadline, left.sequence) < (right.deadline, right.sequence)
        }
    }

    private struct Slot {
        var generation: UInt32
        var action: Action?
    }

    private var heap = Heap<Entry>()
    private var slots: [Slot] = []
    private var vacant: [Int32] = []
    private var sequence: UInt64 = 0

    /// How many timers are waiting; cancelled ones are not counted.
    var count: Int { slots.count - vacant.count }

    /// A mark in the order of scheduling: `popDue` leaves alone what was scheduled after it.
    var mark: UInt64 { sequence }

    mutating func schedule(at deadline: MonotonicTime, _ action: Action) -> TimerToken {
        let token = occupySlot(with: action)
        heap.insert(Entry(deadline: deadline, sequence: sequence, token: token))
        sequence += 1
        return token
    }

    /// Answers whether the timer was still waiting.
    @discardableResult
    mutating func cancel(_ token: TimerToken) -> Bool {
        guard vacateSlot(of: token) != nil else { return false }
        if heap.count > 64, heap.count > 2 * count { dropStaleEntries() }
        return true
    }

    /// The earliest deadline, nil when nothing is waiting.
    mutating func nextDeadline() -> MonotonicTime? {
        while let first = heap.min {
            if isWaiting(first.token) { return first.deadline }
            heap.removeMin()
        }
        return nil
    }

    /// Takes out the earliest timer that is due at `now` and was scheduled before `mark`: an action that schedules
    /// itself anew without delay cannot keep its reactor from anything else.
    mutating func popDue(at now: MonotonicTime, before mark: UInt64) -> Action? {
        while let first = heap.min, first.deadline <= now, first.sequence < mark {
            heap.removeMin()
            if let action = vacateSlot(of: first.token) { return action }
        }
        return nil
    }

    private func isWaiting(_ token: TimerToken) -> Bool {
        slots[Int(token.slot)].generation == token.generation
    }

    private mutating func occupySlot(with action: Action) -> TimerToken {
        if let slot = vacant.popLast() {
            slots[Int(slot)].action = action
            return TimerToken(slot: slot, generation: slots[Int(slot)].generation)
        }
        slots.append(Slot(generation: 0, action: action))
        return TimerToken(slot: Int32(slots.count - 1), generation: 0)
    }

    private mutating func vacateSlot(of token: TimerToken) -> Action? {
        guard slots.indices.contains(Int(token.slot)), isWaiting(token) else { return nil }
        // A vacant slot's generation is one that no token carries yet.
        slots[Int(token.slot)].generation &+= 1
        vacant.append(token.slot)
        return slots[Int(token.slot)].action.take()
    }

    private mutating func dropStaleEntries() {
        heap = Heap(heap.unordered.filter { isWaiting($0.token) })
    }
}
