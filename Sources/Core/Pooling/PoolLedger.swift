import Synchronization

/// The pools of all reactors, by what their server connections were made for. Touched when a reactor begins or ceases to
/// have part in a pool.
public final class PoolLedger<Key: Hashable & Sendable>: Sendable {
    private struct Entry {
        let share: PoolShare
        var parts = 0
    }

    private let reactors: Int
    private let entries = Mutex<[Key: Entry]>([:])

    /// - Parameter reactors: how many there are, with the indexes from 0.
    public init(reactors: Int) { self.reactors = reactors }

    /// A reactor's part in the pool of `key` begins.
    public func join(_ key: Key) -> PoolShare {
        entries.withLock { entries in
            var entry = entries[key] ?? Entry(share: PoolShare(reactors: reactors))
            entry.parts += 1
            entries[key] = entry
            return entry.share
        }
    }

    /// A reactor's part in the pool of `key` has ended: it has neither connections nor clients.
    public func leave(_ key: Key) {
        entries.withLock { entries in
            entries[key]?.parts -= 1
            if entries[key]?.parts == 0 { entries[key] = nil }
        }
    }
}
