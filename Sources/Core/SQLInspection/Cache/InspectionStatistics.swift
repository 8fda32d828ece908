/// What an `Inspector` has done since it was made.
public struct InspectionStatistics: Sendable, Hashable {
    /// Texts whose exact bytes were known.
    public internal(set) var byText = 0
    /// Texts whose template was known.
    public internal(set) var byTemplate = 0
    /// Texts that the grammar read, on a worker thread or here.
    public internal(set) var byGrammar = 0
    /// Texts that have no facts: too long, refused by the grammar, not valid UTF-8.
    public internal(set) var failed = 0
    /// Texts handed to a worker thread.
    public internal(set) var sentToWorker = 0
    /// Texts and templates in the cache.
    public internal(set) var cached = 0
    /// What they take, by estimate.
    public internal(set) var cachedBytes = 0
    /// Texts and templates that left the cache.
    public internal(set) var evicted = 0
}
