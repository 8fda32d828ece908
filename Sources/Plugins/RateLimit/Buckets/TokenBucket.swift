import Synchronization

/// So much in a time, and so much at once.
struct Rate: Sendable, Hashable {
    /// How long it takes until one unit may be spent again, in ticks, rounded up: no more than the rate is ever let pass.
    let ticksPerUnit: UInt64
    /// As much may come at once after a time of silence.
    let burst: UInt64
    /// How long an empty bucket takes to fill.
    let capacity: UInt64

    /// Nanoseconds are too coarse for millions of characters in a second.
    static let ticksPerNanosecond: UInt64 = 64

    /// `amount` in so many seconds; nil when a full bucket would be more than a year's worth.
    init?(amount: UInt64, period: UInt64, burst: UInt64) {
        let second = 1_000_000_000 * Self.ticksPerNanosecond
        ticksPerUnit = (period * second + amount - 1) / amount
        self.burst = burst
        let (capacity, overflows) = burst.multipliedReportingOverflow(by: ticksPerUnit)
        guard !overflows, capacity <= 366 * 86_400 * second else { return nil }
        self.capacity = capacity
    }

    /// A reactor's clock in ticks. It holds nine years.
    static func ticks(_ nanoseconds: UInt64) -> UInt64 {
        let (ticks, overflows) = nanoseconds.multipliedReportingOverflow(by: ticksPerNanosecond)
        return overflows ? .max : ticks
    }

    /// Ticks as a reactor's clock has them, rounded up.
    static func nanoseconds(_ ticks: UInt64) -> UInt64 {
        ticks / ticksPerNanosecond + (ticks % ticksPerNanosecond == 0 ? 0 : 1)
    }
}

/// A token bucket in one number: the time at which it will be full again (the generic cell rate algorithm's "theoretical
/// arrival time"). It needs no refilling, and a compare-and-exchange makes it exact over all threads.
final class TokenBucket: Sendable {
    /// In ticks by the reactors' clock; a bucket whose time has passed is full.
    private let fullAt = Atomic<UInt64>(0)

    /// What a bucket says to a cost.
    enum Answer: Equatable {
        case now
        /// Enough will be there at this time, in nanoseconds.
        case later(UInt64)
        /// The cost is more than the bucket ever holds.
        case never
    }

    /// Whether nothing is owed at `now`: it is as good as a bucket that was just made.
    func isFull(at now: UInt64) -> Bool { fullAt.load(ordering: .relaxed) <= Rate.ticks(now) }

    /// When as much as `units` could be taken, by what is there at the moment.
    func outlook(for units: UInt64, _ rate: Rate, at now: UInt64) -> Answer {
        answer(for: units, rate, fullAt.load(ordering: .relaxed), Rate.ticks(now))
    }

    /// Takes `units`, unless they would have to be waited for until after `latest`.
    ///
    /// - Returns: from when on they are the taker's, or that nothing was taken.
    func take(_ units: UInt64, _ rate: Rate, at now: UInt64, latest: UInt64) -> Answer {
        let ticks = Rate.ticks(now)
        var before = fullAt.load(ordering: .relaxed)
        while true {
            let answer = answer(for: units, rate, before, ticks)
            switch answer {
            case .never: return answer
            case .later(let time) where time > latest: return answer
            case .later, .now: break
            }
            let (exchanged, original) = fullAt.compareExchange(
                expected: before,
                desired: Self.sum(max(before, ticks), units * rate.ticksPerUnit),
                ordering: .relaxed
            )
            if exchanged { return answer }
            before = original
        }
    }

    /// Gives back what was taken a moment ago: another bucket had not enough.
    func giveBack(_ units: UInt64, _ rate: Rate) {
        fullAt.wrappingSubtract(units * rate.ticksPerUnit, ordering: .relaxed)
    }

    /// With no more units than the burst, nothing here overflows but at the end of the clock.
    private func answer(for units: UInt64, _ rate: Rate, _ fullAt: UInt64, _ now: UInt64) -> Answer {
        guard units <= rate.burst else { return .never }
        let full = Self.sum(max(fullAt, now), units * rate.ticksPerUnit)
        let earliest = full > rate.capacity ? full - rate.capacity : 0
        return earliest <= now ? .now : .later(Rate.nanoseconds(earliest))
    }

    private static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows ? .max : sum
    }
}
