import Glibc
import Synchronization

/// How reactors wake the writer: with a system call only when it sleeps.
final class Waker: Sendable {
    private enum State {
        static let busy = 0
        /// It gathers a batch, and looks again by itself in a moment.
        static let napping = 1
        static let asleep = 2
    }

    private let state = Atomic<Int>(State.busy)
    private let isUrgent = Atomic<Bool>(false)
    private let readEnd: Int32
    private let writeEnd: Int32

    /// nil when the process may open no more files.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// There is something to do, in no hurry.
    func wakeIfAsleep() {
        if state.load(ordering: .sequentiallyConsistent) == State.asleep { wake() }
    }

    /// There is something to do at once.
    func wake() {
        isUrgent.store(true, ordering: .sequentiallyConsistent)
        guard state.exchange(State.busy, ordering: .sequentiallyConsistent) != State.busy else { return }
        var byte: UInt8 = 0
        _ = unsafe write(writeEnd, &byte, 1)
    }

    /// Rests for some milliseconds, unless somebody is in a hurry.
    func nap(_ milliseconds: Int32) {
        state.store(State.napping, ordering: .sequentiallyConsistent)
        guard !isUrgent.exchange(false, ordering: .sequentiallyConsistent) else {
            return state.store(State.busy, ordering: .sequentiallyConsistent)
        }
        rest(milliseconds)
    }

    /// Sleeps until there is something to do, at most for some milliseconds; -1 is without a bound.
    ///
    /// - Parameter isIdle: asked once sleep is announced, so that what comes in between is not missed.
    func sleep(_ milliseconds: Int32, if isIdle: () -> Bool) {
        state.store(State.asleep, ordering: .sequentiallyConsistent)
        guard isIdle() else { return state.store(State.busy, ordering: .sequentiallyConsistent) }
        rest(milliseconds)
    }

    private func rest(_ milliseconds: Int32) {
        var descriptor = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&descriptor, 1, milliseconds)
        state.store(State.busy, ordering: .sequentiallyConsistent)
        // What was urgent by now is done next: it is no reason to leave out the rest that follows.
        isUrgent.store(false, ordering: .sequentiallyConsistent)
        var bytes = [UInt8](repeating: 0, count: 16)
        while unsafe read(readEnd, &bytes, bytes.count) == bytes.count {}
    }
}
