import Synchronization

/// What can be forgotten when nobody refers to it: the next one that is made is as good.
protocol Forgettable: AnyObject, Sendable {
    init()
    func isForgettable(at now: UInt64) -> Bool
}

extension TokenBucket: Forgettable {
    func isForgettable(at now: UInt64) -> Bool { isFull(at: now) }
}

extension Slots: Forgettable {
    func isForgettable(at now: UInt64) -> Bool { isUnused }
}

/// The buckets of a limit, by what those have in common who share one. Asked once for each identity on each reactor, and
/// once for each statement of a limit by function; whoever asked keeps what it got.
///
/// Clients may choose what they are told apart by (addresses, names of functions), so there is an end to it: beyond
/// `maximum` all newcomers share one bucket, until some of the others are full and nobody's.
final class BucketTable<Bucket: Forgettable>: Sendable {
    static var maximum: Int { 65_536 }

    private struct State {
        var buckets: [[UInt8]: Bucket] = [:]
        /// With so many buckets, those that can be are forgotten.
        var nextSweep = 1024
        /// So many newcomers were sent away since the last time nothing could be forgotten.
        var turnedAway = 0
    }

    private let state = Mutex(State())
    private let newcomers = Bucket()

    init() {}

    /// The bucket of whoever has this key.
    func bucket(of key: [UInt8], at now: UInt64) -> Bucket {
        state.withLock { state in
            if let known = state.buckets[key] { return known }
            if state.buckets.count >= state.nextSweep { Self.sweep(&state, now) }
            guard state.buckets.count < Self.maximum else { return newcomers }
            let bucket = Bucket()
            state.buckets[key] = bucket
            return bucket
        }
    }

    /// How many buckets there are.
    var count: Int { state.withLock { $0.buckets.count } }

    /// Forgets what is full and in nobody's hands. It is looked for only when that many have come again, so that a crowd
    /// of newcomers does not cost a look at everybody each.
    private static func sweep(_ state: inout State, _ now: UInt64) {
        if state.buckets.count >= maximum, state.turnedAway > 0 {
            state.turnedAway -= 1
            return
        }
        for key in Array(state.buckets.keys) {
            guard isKnownUniquelyReferenced(&state.buckets[key]!), state.buckets[key]!.isForgettable(at: now) else {
                continue
            }
            state.buckets[key] = nil
        }
        state.nextSweep = min(maximum, max(1024, state.buckets.count * 2))
        state.turnedAway = maximum / 16
    }
}
