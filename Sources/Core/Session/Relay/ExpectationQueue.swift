import DequeModule

/// The messages that the server has not answered yet, eldest first.
struct ExpectationQueue {
    private var entries = Deque<Expectation>()
    /// The number of the first entry; numbers only grow, so an entry can be asked after by its own.
    private(set) var firstNumber = 0

    var isEmpty: Bool { entries.isEmpty }
    var first: Expectation? { entries.first }
    var last: Expectation? { entries.last }
    var count: Int { entries.count }
    /// The number of the entry appended last.
    var lastNumber: Int { firstNumber + entries.count - 1 }

    /// Whether an error at the first entry undoes what the last one has done: neither a Query nor a Sync ends between them.
    var areOneTransaction: Bool {
        entries.dropLast().allSatisfy { entry in
            switch entry {
            case .query, .substituteQuery, .functionCall, .sync: false
            default: true
            }
        }
    }

    mutating func append(_ expectation: Expectation) { entries.append(expectation) }

    @discardableResult
    mutating func removeFirst() -> Expectation {
        firstNumber += 1
        return entries.removeFirst()
    }

    mutating func removeFirstIfAny() -> Expectation? { isEmpty ? nil : removeFirst() }

    /// Marks the Syncs that a COPY IN at the head swallows: those sent before the client ended it. They keep their places,
    /// for numbers count on it.
    ///
    /// - Returns: whether the client has ended it already.
    mutating func swallowSyncsInsideCopy() -> Bool {
        for index in entries.indices.dropFirst() {
            switch entries[index] {
            case .sync: entries[index] = .swallowedSync
            case .copyEnd:
                // It ends this COPY, not the next one of the same Query.
                entries[index] = .swallowedSync
                return true
            default: break
            }
        }
        return false
    }
}
