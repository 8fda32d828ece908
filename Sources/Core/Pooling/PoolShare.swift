import Synchronization

/// What the reactors' parts of one pool know of each other: how many server connections each has, and which of them has
/// clients waiting.
///
/// The counts are touched when a connection is opened, closed, handed over or missed, never per transaction. A part that
/// misses connections states a *wish*, the moment since when its eldest client waits; whoever has a connection to spare
/// *claims* the wish, so that only one fulfils it.
public final class PoolShare: Sendable {
    private struct Counts {
        var total = 0
        /// How many of these are about to be closed because nobody needs them.
        var retiring = 0
        var perReactor: [Int]
    }

    /// On a cache line of its own: it is written while other reactors read theirs.
    private final class Wish: Sendable {
        static let none = Int64.max
        let since = Atomic<Int64>(Wish.none)
        private let padding: (Int64, Int64, Int64, Int64, Int64, Int64, Int64) = (0, 0, 0, 0, 0, 0, 0)
    }

    private let counts: Mutex<Counts>
    private let wishes: [Wish]
    /// How many reactors wish.
    private let wishing = Atomic<Int>(0)

    /// The share of a pool that nobody has connections of.
    public init(reactors: Int) {
        precondition(reactors > 0, "a pool belongs to a reactor")
        counts = Mutex(Counts(perReactor: Array(repeating: 0, count: reactors)))
        wishes = (0..<reactors).map { _ in Wish() }
    }

    /// How many server connections there are or are being opened, over all reactors.
    public var total: Int { counts.withLock { $0.total } }

    // MARK: Connections

    /// Counts a connection that is about to be opened. Answers false where there are `limit` already.
    func open(by reactor: Int, limit: Int) -> Bool {
        counts.withLock { counts in
            guard counts.total < limit else { return false }
            counts.total += 1
            counts.perReactor[reactor] += 1
            return true
        }
    }

    /// A connection that was on its way to `reactor` has been closed, because nobody is there any more.
    public func lost(by reactor: Int) { _ = close(by: reactor) }

    /// Counts a connection that is about to be closed because nobody needs it. Answers false where no more than `minimum`
    /// would remain, whatever other reactors close meanwhile.
    func retire(keeping minimum: Int) -> Bool {
        counts.withLock { counts in
            guard counts.total - counts.retiring > minimum else { return false }
            counts.retiring += 1
            return true
        }
    }

    /// A connection is closed. Answers the reactor that misses one most: it may open one.
    ///
    /// - Parameter isRetired: it was counted by `retire`.
    func close(by reactor: Int, isRetired: Bool = false) -> Int? {
        counts.withLock { counts in
            counts.total -= 1
            if isRetired { counts.retiring -= 1 }
            counts.perReactor[reactor] -= 1
        }
        return eldestWish(besides: reactor)?.reactor
    }

    func move(from: Int, to: Int) {
        counts.withLock { counts in
            counts.perReactor[from] -= 1
            counts.perReactor[to] += 1
        }
    }

    /// The other reactors that have connections.
    func holders(besides reactor: Int) -> [Int] {
        guard wishes.count > 1 else { return [] }
        return counts.withLock { counts in
            counts.perReactor.indices.filter { $0 != reactor && counts.perReactor[$0] > 0 }
        }
    }

    // MARK: Wishes

    /// Whether any reactor wishes.
    var isAnyoneWishing: Bool { wishing.load(ordering: .relaxed) > 0 }

    func wish(of reactor: Int, since: PoolTime) {
        // Sequentially consistent: who closes a connection after this sees the wish, or we see the connection closed.
        let before = wishes[reactor].since.exchange(since.nanoseconds, ordering: .sequentiallyConsistent)
        if before == Wish.none { wishing.add(1, ordering: .sequentiallyConsistent) }
    }

    /// Moves a wish to a younger client, unless it has been claimed meanwhile.
    func postpone(of reactor: Int, to since: PoolTime) {
        var before = wishes[reactor].since.load(ordering: .relaxed)
        while before != Wish.none {
            let (isExchanged, found) = wishes[reactor].since.compareExchange(
                expected: before,
                desired: since.nanoseconds,
                ordering: .relaxed
            )
            if isExchanged { return }
            before = found
        }
    }

    /// Takes a wish back, or takes it on. Answers false where it has been claimed already or there is none.
    @discardableResult
    func claim(of reactor: Int) -> Bool {
        guard wishes[reactor].since.exchange(Wish.none, ordering: .sequentiallyConsistent) != Wish.none else {
            return false
        }
        wishing.subtract(1, ordering: .sequentiallyConsistent)
        return true
    }

    func eldestWish(besides own: Int) -> (reactor: Int, since: PoolTime)? {
        guard wishing.load(ordering: .sequentiallyConsistent) > 0 else { return nil }
        var eldest: (reactor: Int, since: PoolTime)?
        for reactor in wishes.indices where reactor != own {
            let since = PoolTime(nanoseconds: wishes[reactor].since.load(ordering: .relaxed))
            if since < (eldest?.since ?? .never) { eldest = (reactor, since) }
        }
        return eldest
    }
}
