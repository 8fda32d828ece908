import Synchronization

/// The way from one reactor to the writer: entries go in at one end, on the reactor's thread, and out at the other, on the
/// writer's. No lock is taken but when the ring is full.
///
/// Unchecked: what either end keeps to itself is touched by one thread only, and a slot by the one that owns it by `tail`
/// and `head`.
@safe
final class Ring: @unchecked Sendable {
    /// Which of the log's rings it is, from 0: reactors number their sessions each for themselves.
    let number: Int
    private let capacity: Int
    private let slots: UnsafeMutablePointer<Entry>
    private let tail = Atomic<Int>(0)
    private let head = Atomic<Int>(0)
    /// Added to a position to find its slot. Changed by the reactor while there is nothing in the ring, and seen by the
    /// writer with the next `tail`.
    private let shift = Atomic<Int>(0)
    /// What did not fit, behind all that is in the slots.
    private let overflow = Mutex<[KeptEntry]>([])
    private let isOverflowing = Atomic<Bool>(false)
    private let lost = Atomic<Int>(0)
    private let waker: Waker

    // The reactor's own.
    private var nextTail = 0
    private var knownHead = 0
    private var lastIntent = 0
    /// How many entries have gone in since the first slot was used last.
    private var slotsUsed = 0
    /// So many go in before the empty ring begins at its first slot again: what is in use stays small, in memory and in the
    /// processor's caches, though a slow disk may make it as large as `capacity`.
    private static let slotsInUse = 256

    /// - Parameter capacity: a power of two.
    init(number: Int, capacity: Int, waker: Waker) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "a ring's capacity is a power of two")
        self.number = number
        self.capacity = capacity
        self.waker = waker
        unsafe slots = UnsafeMutablePointer.allocate(capacity: capacity)
    }

    deinit {
        _ = drain(capacity) { _ in }
        unsafe slots.deallocate()
    }

    // MARK: The reactor's end

    /// Whether so many entries fit in now.
    @inline(__always)
    func hasRoom(for count: Int) -> Bool {
        guard !isOverflowing.load(ordering: .relaxed) else { return false }
        if capacity - (nextTail - knownHead) >= count { return true }
        knownHead = head.load(ordering: .acquiring)
        return capacity - (nextTail - knownHead) >= count
    }

    /// How many entries fit in now.
    var room: Int {
        guard !isOverflowing.load(ordering: .relaxed) else { return 0 }
        knownHead = head.load(ordering: .acquiring)
        return capacity - (nextTail - knownHead)
    }

    /// Puts an entry in.
    ///
    /// - Parameter mayBeLost: what does not fit is counted instead of kept. Of what must not be lost there is no more than
    ///   is under way, since nothing more is admitted while the ring is full.
    func push(_ entry: consuming Entry, mayBeLost: Bool) {
        guard hasRoom(for: 1) else { return spill(entry, mayBeLost: mayBeLost) }
        if slotsUsed >= Self.slotsInUse { beginAnewIfEmpty() }
        unsafe slot(of: nextTail).initialize(to: entry)
        slotsUsed += 1
        nextTail += 1
        tail.store(nextTail, ordering: .sequentiallyConsistent)
        waker.wakeIfAsleep()
    }

    private func slot(of position: Int) -> UnsafeMutablePointer<Entry> {
        unsafe slots + ((position &+ shift.load(ordering: .relaxed)) & (capacity - 1))
    }

    private func beginAnewIfEmpty() {
        knownHead = head.load(ordering: .acquiring)
        guard knownHead == nextTail else { return }
        shift.store(-nextTail, ordering: .relaxed)
        slotsUsed = 0
    }

    private func spill(_ entry: consuming Entry, mayBeLost: Bool) {
        let kept = KeptEntry(entry)
        overflow.withLock { entries in
            guard !mayBeLost || entries.count < capacity else {
                lost.add(1, ordering: .relaxed)
                return
            }
            entries.append(kept)
            isOverflowing.store(true, ordering: .relaxed)
        }
        waker.wakeIfAsleep()
    }

    /// Counts records that will never be.
    func lose(_ count: Int) { lost.add(count, ordering: .relaxed) }

    /// A number that no other intent of this ring has.
    func nextIntent() -> Int {
        lastIntent += 1
        return lastIntent
    }

    /// Somebody waits for what was pushed.
    func hurry() { waker.wake() }

    // MARK: The writer's end

    /// Hands over the eldest entries, so many at most, and answers how many. The one that `take` throws for stays.
    func drain(_ most: Int, _ take: (borrowing Entry) throws -> Void) rethrows -> Int {
        let first = head.load(ordering: .relaxed)
        let end = min(tail.load(ordering: .acquiring), first + most)
        var position = first
        defer { if position > first { head.store(position, ordering: .releasing) } }
        while position < end {
            let slot = unsafe slot(of: position)
            try unsafe take(slot.pointee)
            unsafe slot.deinitialize(count: 1)
            position += 1
            // Told now and then: the reactor reads it when it seems to have no room.
            if position & 255 == 0 { head.store(position, ordering: .releasing) }
        }
        return position - first
    }

    /// Takes out the eldest entry in the slots; nil when there is none.
    func takeFirst() -> KeptEntry? {
        let first = head.load(ordering: .relaxed)
        guard first < tail.load(ordering: .acquiring) else { return nil }
        let kept = KeptEntry(unsafe slot(of: first).move())
        head.store(first + 1, ordering: .releasing)
        return kept
    }

    /// What came after all that was in the slots: take it when `drain` gives nothing.
    func takeOverflow() -> [KeptEntry] {
        guard isOverflowing.load(ordering: .relaxed) else { return [] }
        return overflow.withLock { entries in
            // While there is overflow nothing goes into the slots, but some may have gone in just before.
            guard head.load(ordering: .relaxed) == tail.load(ordering: .acquiring) else { return [] }
            isOverflowing.store(false, ordering: .relaxed)
            defer { entries = [] }
            return entries
        }
    }

    /// How many records were lost since this was asked last.
    func takeLost() -> Int { lost.exchange(0, ordering: .relaxed) }

    /// Whether there is nothing to be taken.
    var isEmpty: Bool {
        head.load(ordering: .relaxed) == tail.load(ordering: .sequentiallyConsistent)
            && !isOverflowing.load(ordering: .sequentiallyConsistent) && lost.load(ordering: .relaxed) == 0
    }
}
