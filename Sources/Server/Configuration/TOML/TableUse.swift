/// Which keys a table has, and which of them found a reader.
struct TableUse: Sendable {
    var present: Set<String> = []
    /// Keys that a reader has a name for.
    var accepted: Set<String> = []
    /// Keys that a reader asked for, present or not.
    var asked: Set<String> = []

    /// The keys that nobody reads, each with what to tell the operator.
    ///
    /// - Parameter isComplete: whether decoding came to its end. If not, a key with a name that some reader knows may
    ///   just not have had its turn, and a table that nobody has opened says nothing about its keys.
    func unread(isComplete: Bool) -> [(key: String, message: String)] {
        if !isComplete && asked.isEmpty && accepted.isEmpty { return [] }
        return present.subtracting(asked).compactMap { key in
            if !accepted.contains(key) { return (key, unknown(key)) }
            return isComplete ? (key, "has no effect together with the keys beside it; remove it") : nil
        }
    }

    private func unknown(_ key: String) -> String {
        let known = asked.union(accepted).sorted()
        if let nearest = Words.nearest(to: key, among: known) { return "is not a known key; write \(nearest)" }
        if known.isEmpty { return "is not a known key; remove it" }
        return "is not a known key; known \(known.count == 1 ? "is" : "are") \(Words.list(known))"
    }
}
