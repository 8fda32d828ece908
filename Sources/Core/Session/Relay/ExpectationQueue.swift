import DequeModule

/// The messages that the server has not answered yet, eldest first.
struct ExpectationQueue {
    private var entries = Deque<Expectation>()
    /// The number of the first entry; numbers only grow, so an entry can be asked after by its own.
    private var firstNumber = 0

    var isEmpty: Bool { entries.isEmpty }
    var first: Expectation? { entries.first }
    var last: Expectation? { entries.last }
    var count: Int { entries.count }
    /// The number of the entry appended last.
    var lastNumber: Int { firstNumber + entries.count - 1 }
    var firstEntryNumber: Int { firstNumber }

    mutating func append(_ expectation: Expectation) { entries.append(expectation) }

    @discardableResult
    mutating func removeFirst() -> Expectation {
        firstNumber += 1
        return entries.removeFirst()
    }

    /// Takes out the Syncs that a COPY IN at the head swallows: those sent before the client ended it.
    ///
    /// - Returns: whether the client has ended it already.
    mutating func removeSyncsInsideCopy() -> Bool {
        var index = 1
        while index < entries.count {
            switch entries[index] {
            case .sync: entries.remove(at: index)
            case .copyEnd: return true
            default: index += 1
            }
        }
        return false
    }
}
