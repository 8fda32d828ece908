internal import CSystem
internal import Glibc
internal import Synchronization

/// Threads that work off jobs in order, for what would hold up a reactor. The queue is bounded: work that nobody can
/// get to is refused, where waiting would only make everyone behind it wait too.
final class WorkQueue: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State {
        var waiting: [Job] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let capacity: Int
    /// Counts waiting jobs, and one more a thread when the queue closes: an eventfd as a semaphore, for the standard
    /// library has a mutex and nothing to wait on.
    private let semaphore: Int32
    private let threads: Int

    /// - Parameter capacity: how many jobs may wait.
    init(name: String, threads: Int, stackBytes: Int, capacity: Int) throws(SystemError) {
        self.capacity = capacity
        self.threads = threads
        semaphore = try SystemError.check("create an eventfd") { eventfd(0, Int32(EFD_SEMAPHORE) | Int32(EFD_CLOEXEC)) }
        do {
            for _ in 0..<threads {
                try SystemThread.start(name: name, stackBytes: stackBytes) { [self] in work() }.detach()
            }
        } catch {
            close()
            throw error
        }
    }

    deinit {
        Socket.close(semaphore)
    }

    /// Answers false when as many jobs wait as may, or the queue is closed.
    func submit(_ job: @escaping Job) -> Bool {
        let isAccepted = state.withLock { state in
            if state.isClosed || state.waiting.count >= capacity { return false }
            state.waiting.append(job)
            return true
        }
        if isAccepted { eventfd_write(semaphore, 1) }
        return isAccepted
    }

    /// Accepts no more jobs; the threads end when they have done those that wait.
    func close() {
        let wasOpen = state.withLock { state in
            let wasOpen = !state.isClosed
            state.isClosed = true
            return wasOpen
        }
        if wasOpen { eventfd_write(semaphore, UInt64(threads)) }
    }

    private func work() {
        while let job = next() { job() }
    }

    private func next() -> Job? {
        var count: eventfd_t = 0
        while unsafe eventfd_read(semaphore, &count) != 0 {
            precondition(errno == EINTR, "reading an eventfd that this object holds open fails only when interrupted")
        }
        return state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    }
}
