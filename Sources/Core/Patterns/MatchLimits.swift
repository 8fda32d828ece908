/// How much work the search of one text may be.
public struct MatchLimits: Sendable, Hashable {
    /// How often a match that begins at one place may try another way.
    public var match: UInt32
    /// How deep these tries may be nested. Machine code knows no such depth: there `heap` bounds it.
    public var depth: UInt32
    /// What a match may remember of its tries, in KiB.
    public var heap: UInt32
    /// What all patterns together may take of the processor for one text.
    public var time: Duration

    /// Limits that an ordinary pattern does not come near.
    public init(match: UInt32 = 50_000, depth: UInt32 = 50_000, heap: UInt32 = 1024, time: Duration = .milliseconds(10))
    {
        self.match = match
        self.depth = depth
        self.heap = heap
        self.time = time
    }

    /// Which of them a search came to.
    public enum Exceeded: Error, Sendable, Hashable {
        case match, depth, heap, time
        /// PCRE2 gave up for a reason of its own, by its number.
        case other(Int32)
    }
}
