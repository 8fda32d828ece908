import DequeModule

/// The messages that the server has not answered yet, eldest first.
///
/// Unique, so that entries are moved in and out and looked at where they are: to copy those of a batch of the extended
/// protocol takes some thirty counted references.
struct ExpectationQueue: ~Copyable {
    private var entries = UniqueDeque<Expectation>()
    /// The number of the first entry; numbers only grow, so an entry can be asked after by its own.
    private(set) var firstNumber = 0

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    var first: Expectation? { isEmpty ? nil : entries[0] }
    /// The number of the entry appended last.
    var lastNumber: Int { firstNumber + count - 1 }

    // MARK: Looking at entries where they are

    /// Whether the first only marks where a COPY IN may have ended.
    @inline(__always) var firstIsMark: Bool { !isEmpty && entries[0].isMark }
    /// Whether the first is a Describe, the client's or the gateway's own.
    var firstIsDescribe: Bool { !isEmpty && entries[0].isDescribe }
    /// Whether what the server answers to the first tells a result that is to be remembered.
    var firstWantsShape: Bool { !isEmpty && entries[0].wantsShape }
    /// Whether the last makes the server send all its answers.
    var lastEndsBatch: Bool { !isEmpty && entries[count - 1].endsBatch }
    /// Whether the last is a Query or a Sync of the client's that nothing stands for.
    var lastIsQueryOrSync: Bool { !isEmpty && entries[count - 1].isQueryOrSync }

    /// Whether an error at the first entry undoes what the last one has done: neither a Query nor a Sync ends between them.
    var areOneTransaction: Bool {
        for index in 0..<max(0, count - 1) where entries[index].endsBatch { return false }
        return true
    }

    // MARK: Changing

    mutating func append(_ expectation: consuming Expectation) { entries.append(expectation) }

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
        for index in 1..<max(1, count) {
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

extension Expectation {
    fileprivate var isMark: Bool {
        switch self {
        case .copyEnd, .swallowedSync: true
        default: false
        }
    }

    fileprivate var isDescribe: Bool {
        switch self {
        case .describe, .ownDescribe: true
        default: false
        }
    }

    fileprivate var wantsShape: Bool {
        switch self {
        case .ownDescribe: true
        case .describe(let statement, _): statement != nil
        default: false
        }
    }

    fileprivate var endsBatch: Bool {
        switch self {
        case .query, .substituteQuery, .functionCall, .sync: true
        default: false
        }
    }

    fileprivate var isQueryOrSync: Bool {
        switch self {
        case .query, .sync: true
        default: false
        }
    }
}
