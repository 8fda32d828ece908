internal import Synchronization

/// Searches texts within limits, from any thread: what a search needs is kept for the next one, so there are as many
/// sets of it as threads have searched at once.
public final class Searcher: Sendable {
    private let limits: MatchLimits
    private let groups: Int
    private let spare = Mutex(Spare())

    private struct Spare: ~Copyable {
        var searches: [Search] = []
    }

    /// A searcher for these patterns.
    public init(_ patterns: [Pattern], limits: MatchLimits) {
        self.limits = limits
        groups = patterns.map(\.groupCount).max() ?? 0
    }

    /// Passes one text through patterns. The limit of time is for all of `body`.
    public func search<Result>(
        _ body: (Search) throws(MatchLimits.Exceeded) -> Result
    ) throws(MatchLimits.Exceeded) -> Result {
        guard let search = take() else { throw .heap }
        defer { giveBack(search) }
        search.begin()
        return try body(search)
    }

    private func take() -> Search? {
        let kept = spare.withLock { spare in
            nonisolated(unsafe) let search = spare.searches.popLast()
            return unsafe Unchecked(search)
        }
        return kept.value ?? Search(limits: limits, groups: groups)
    }

    private func giveBack(_ search: Search) {
        let kept = Unchecked(search)
        spare.withLock { $0.searches.append(kept.value!) }
    }

    /// A search is used by one thread at a time: the one that took it.
    private struct Unchecked: @unchecked Sendable {
        let value: Search?
        init(_ value: Search?) { self.value = value }
    }
}
