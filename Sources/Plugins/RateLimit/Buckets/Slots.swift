import Synchronization

/// How many of those who share a limit have a statement under way.
final class Slots: Sendable {
    private let used = Atomic<Int>(0)
    /// So many wait for one: nobody passes them by.
    private let waiting = Atomic<Int>(0)

    var isUnused: Bool { used.load(ordering: .relaxed) == 0 && waiting.load(ordering: .relaxed) == 0 }
    var hasWaiters: Bool { waiting.load(ordering: .sequentiallyConsistent) > 0 }
    var count: Int { used.load(ordering: .relaxed) }

    /// Takes one of `capacity`. Answers false when there is none.
    func take(of capacity: Int) -> Bool {
        var before = used.load(ordering: .sequentiallyConsistent)
        while before < capacity {
            let (exchanged, original) = used.compareExchange(
                expected: before,
                desired: before + 1,
                ordering: .sequentiallyConsistent
            )
            if exchanged { return true }
            before = original
        }
        return false
    }

    /// Gives one back. Whoever does so lets the next that waits have it: `WaitingRoom.giveBack`.
    func giveBack() { used.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

    func beginWait() { waiting.wrappingAdd(1, ordering: .sequentiallyConsistent) }
    func endWait() { waiting.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
}
