internal import Synchronization

/// Counts sessions per reactor, and says which reactor a new one goes to: the one that accepted it when none has fewer,
/// else the one that has fewest.
///
/// Sessions stay where they begin for life, so an uneven start stays uneven, and with the few long connections that a
/// database's foreign data wrappers hold, chance alone would often put most of them on one core.
public final class SessionPlacement: Sendable {
    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    private let counters: [Counter]

    /// Makes counters for reactors with the indexes `0..<reactors`.
    public init(reactors: Int) {
        precondition(reactors > 0, "there is a reactor to place sessions on")
        counters = (0..<reactors).map { _ in Counter() }
    }

    /// Chooses the reactor for a new session and counts it there. Two reactors that choose at the same moment may both
    /// choose a third: the next choice makes up for it.
    public func enter(preferring own: Int) -> Int {
        var choice = own
        var least = count(of: own)
        for index in counters.indices where count(of: index) < least {
            choice = index
            least = count(of: index)
        }
        counters[choice].value.add(1, ordering: .relaxed)
        return choice
    }

    /// A session that `enter` placed on this reactor has ended.
    public func leave(_ reactor: Int) {
        counters[reactor].value.subtract(1, ordering: .relaxed)
    }

    /// How many reactors there are.
    public var reactors: Int { counters.count }

    /// How many sessions a reactor has.
    public func count(of reactor: Int) -> Int {
        counters[reactor].value.load(ordering: .relaxed)
    }

    /// How many sessions all reactors have.
    public var total: Int { counters.indices.reduce(0) { $0 + count(of: $1) } }
}
