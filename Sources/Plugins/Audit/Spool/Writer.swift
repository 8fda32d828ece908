import PluginAPI
import Synchronization

/// The thread that takes entries out of the rings, numbers, chains and writes them.
///
/// Unchecked: the spool and the rings at hand are touched by the writer's thread alone.
final class Writer: @unchecked Sendable {
    let waker: Waker
    private let settings: LogSettings
    private let rings = Mutex<[Ring]>([])
    private let ringCount = Atomic<Int>(0)
    private let isEnding = Atomic<Bool>(false)
    /// Whether the log cannot be written at the moment.
    private let failing = Atomic<Bool>(false)
    private let reason = Mutex("")

    private var known: [Ring] = []
    private var spool: Spool?
    /// Taken out of the rings while there was no log.
    private var keptBack: [KeptEntry] = []
    private var waiting: [(pending: PendingAdmission, isVital: Bool)] = []

    private static let batch = 4096
    private static let napMilliseconds: Int32 = 10
    private static let largestBuffer = 8 << 20

    init(_ settings: LogSettings, waker: Waker) {
        self.settings = settings
        self.waker = waker
    }

    // MARK: From other threads

    var isFailing: Bool { failing.load(ordering: .relaxed) }
    /// Why it cannot be written.
    var failure: String { reason.withLock { $0 } }

    func addRing() -> Ring {
        rings.withLock { rings in
            let ring = Ring(number: rings.count, capacity: settings.ringCapacity, waker: waker)
            rings.append(ring)
            ringCount.store(rings.count, ordering: .sequentiallyConsistent)
            return ring
        }
    }

    /// Opens the log, before there is a thread: only one gateway can have it open.
    func open() throws { _ = try opened() }

    /// The thread is about to start.
    func begin() { isEnding.store(false, ordering: .sequentiallyConsistent) }

    /// Tells the thread to write what there is, and to end.
    func end() {
        isEnding.store(true, ordering: .sequentiallyConsistent)
        waker.wake()
    }

    // MARK: The thread

    func run() {
        while true {
            let isLast = isEnding.load(ordering: .sequentiallyConsistent)
            let count = step()
            if isLast, count == 0 || isFailing { break }
            guard !isLast else { continue }
            if isFailing {
                waker.nap(1000)
            } else if count > 0 {
                if count < Self.batch { waker.nap(Self.napMilliseconds) }
            } else {
                rest()
            }
        }
        do {
            try spool?.checkpoint("close")
        } catch {
            note(error)
        }
        decide()
        spool = nil
    }

    private func rest() {
        let due = spool.map { $0.isUnchecked ? Int32(clamping: $0.secondsToCheckpoint * 1000 + 10) : -1 } ?? -1
        waker.sleep(due) {
            ringCount.load(ordering: .sequentiallyConsistent) == known.count && known.allSatisfy(\.isEmpty)
                && !isEnding.load(ordering: .sequentiallyConsistent)
        }
    }

    /// Writes a batch; answers how many entries there were.
    private func step() -> Int {
        do {
            let spool = try opened()
            spool.tick()
            if spool.pendingBytes > Self.largestBuffer { try spool.flush() }
            let count = try drain(into: spool)
            try spool.flush()
            if !waiting.isEmpty { try spool.sync() }
            try spool.keepUp()
            failing.store(false, ordering: .relaxed)
            decide()
            return count
        } catch {
            note(error)
            decide()
            return 0
        }
    }

    private func opened() throws -> Spool {
        if let spool { return spool }
        do {
            let opened = try Spool(settings)
            spool = opened
            return opened
        } catch {
            keepBack()
            throw error
        }
    }

    /// There is no log to write to: who waits for it must not wait until there is.
    private func keepBack() {
        findRings()
        for ring in known {
            while keptBack.count < Self.batch, let kept = ring.takeFirst() {
                if let waiter = kept.entry.details?.waiter { waiting.append(waiter) }
                keptBack.append(kept)
            }
        }
    }

    private func findRings() {
        if known.count != ringCount.load(ordering: .sequentiallyConsistent) { known = rings.withLock { $0 } }
    }

    private func note(_ error: any Error) {
        reason.withLock { $0 = "\(error)" }
        failing.store(true, ordering: .relaxed)
    }

    private func drain(into spool: Spool) throws -> Int {
        findRings()
        var count = keptBack.count
        for kept in keptBack { try record(kept.entry, in: spool) }
        keptBack.removeAll()
        for ring in known {
            let taken = try ring.drain(Self.batch) { try record($0, in: spool) }
            count += taken
            guard taken < Self.batch else { continue }
            let others = ring.takeOverflow()
            for kept in others { try record(kept.entry, in: spool) }
            count += others.count
            let lost = ring.takeLost()
            guard lost > 0 else { continue }
            try spool.append(lost: lost)
            count += 1
        }
        return count
    }

    private func record(_ entry: borrowing Entry, in spool: Spool) throws {
        try spool.append(entry)
        if let waiter = entry.details?.waiter { waiting.append(waiter) }
    }

    /// Those whose intents are on disk may go on; where that cannot be, they are told so.
    private func decide() {
        guard !waiting.isEmpty else { return }
        let refusal = isFailing ? AuditGate.cannotWrite(failure) : nil
        for (pending, isVital) in waiting {
            if let refusal, isVital { pending.resolve(.deny(refusal)) } else { pending.resolve(.forward) }
        }
        waiting.removeAll(keepingCapacity: true)
    }
}
