/// What was found out about texts and templates, bounded in bytes.
///
/// Eviction is S3-FIFO: what is new waits in a small queue and is dropped from there unless it was used again; only
/// then it enters the main queue, which drops what has not been used for longest. So a stream of statements that occur
/// once, however fast, flows through a tenth of the cache and evicts nothing that is in use. A hit costs a counter; all
/// operations are O(1) amortised.
struct StatementCache {
    enum Lookup {
        case missing
        case known(InspectedText)
        /// The template was seen, and may not stand for its texts.
        case inadmissible
    }

    private struct Entry {
        let hash: UInt64
        let key: [UInt8]
        let slotCount: Int
        /// Nil for a template that may not stand for its texts.
        let inspected: InspectedText?
        let cost: Int
        /// Uses since the entry was queued, up to `maximumUses`.
        var uses: UInt8 = 0
        /// The entry behind this one in its queue, or in the list of free places.
        var next = -1
    }

    private struct Queue {
        var first = -1
        var last = -1
        var bytes = 0
    }

    private static let maximumUses: UInt8 = 3
    private static let ghostCount = 4096

    private let capacity: Int
    private var index = HashIndex()
    private var entries: [Entry] = []
    private var firstFree = -1
    private var small = Queue()
    private var main = Queue()
    /// Hashes of what left the small queue unused, so that what returns soon enters the main queue at once.
    private var ghosts: [UInt64]

    private(set) var count = 0
    private(set) var evictions = 0
    var bytes: Int { small.bytes + main.bytes }

    /// - Parameter capacity: the most bytes that keys and facts may take, by estimate.
    init(capacity: Int) {
        self.capacity = capacity
        ghosts = Array(repeating: 0, count: Self.ghostCount)
    }

    mutating func find(_ hash: UInt64, _ text: RawSpan, _ slots: [Slot]) -> Lookup {
        guard let place = place(hash, text, slots) else { return .missing }
        if entries[place].uses < Self.maximumUses { entries[place].uses += 1 }
        guard let inspected = entries[place].inspected else { return .inadmissible }
        return .known(inspected)
    }

    /// Adds what `find` has just not found. Entries of more than a tenth of the cache are not kept.
    mutating func insert(_ inspected: InspectedText?, _ hash: UInt64, _ text: RawSpan, _ slots: [Slot]) {
        let cost = TemplateKey.byteCount(text, slots) + (inspected?.estimatedBytes ?? 0) + Self.bytesPerEntry
        guard cost <= capacity / 10 else { return }
        let isReturning = ghosts[ghost(hash)] == hash
        makeRoom(for: cost)
        let key = TemplateKey.bytes(text, slots)
        let entry = Entry(hash: hash, key: key, slotCount: slots.count, inspected: inspected, cost: cost)
        let place = store(entry)
        index.insert(place, hash) { [entries] in entries[$0].hash }
        if isReturning { Self.enqueue(place, in: &main, &entries) } else { Self.enqueue(place, in: &small, &entries) }
        count += 1
    }
}

// MARK: - Places

extension StatementCache {
    /// An entry itself, its cells in the index, and the header of its key.
    private static var bytesPerEntry: Int { MemoryLayout<Entry>.stride + 4 * MemoryLayout<UInt32>.stride + 32 }

    private func place(_ hash: UInt64, _ text: RawSpan, _ slots: [Slot]) -> Int? {
        index.first(hash) { place in
            guard entries[place].hash == hash, entries[place].slotCount == slots.count else { return false }
            let key = entries[place].key
            return unsafe TemplateKey.matches(key.span.bytes, text, slots)
        }
    }

    private mutating func store(_ entry: Entry) -> Int {
        guard firstFree >= 0 else {
            entries.append(entry)
            return entries.count - 1
        }
        let place = firstFree
        firstFree = entries[place].next
        entries[place] = entry
        return place
    }

    private func ghost(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 20) & (Self.ghostCount - 1) }
}

// MARK: - Queues

extension StatementCache {
    private mutating func makeRoom(for cost: Int) {
        while bytes + cost > capacity {
            if small.bytes > capacity / 10 || main.first < 0 { evictFromSmall() } else { evictFromMain() }
        }
    }

    private mutating func evictFromSmall() {
        let place = Self.dequeue(from: &small, entries)
        if entries[place].uses > 0 {
            entries[place].uses -= 1
            Self.enqueue(place, in: &main, &entries)
        } else {
            let hash = entries[place].hash
            ghosts[ghost(hash)] = hash
            drop(place)
        }
    }

    private mutating func evictFromMain() {
        while true {
            let place = Self.dequeue(from: &main, entries)
            guard entries[place].uses > 0 else { return drop(place) }
            entries[place].uses -= 1
            Self.enqueue(place, in: &main, &entries)
        }
    }

    private mutating func drop(_ place: Int) {
        index.remove(place, entries[place].hash) { [entries] in entries[$0].hash }
        entries[place] = Entry(hash: 0, key: [], slotCount: 0, inspected: nil, cost: 0, next: firstFree)
        firstFree = place
        count -= 1
        evictions += 1
    }

    private static func enqueue(_ place: Int, in queue: inout Queue, _ entries: inout [Entry]) {
        entries[place].next = -1
        if queue.last < 0 { queue.first = place } else { entries[queue.last].next = place }
        queue.last = place
        queue.bytes += entries[place].cost
    }

    private static func dequeue(from queue: inout Queue, _ entries: [Entry]) -> Int {
        let place = queue.first
        queue.first = entries[place].next
        if queue.first < 0 { queue.last = -1 }
        queue.bytes -= entries[place].cost
        return place
    }
}
