import Glibc
import Testing

@testable import Engine

@Suite struct SignalSourceTests {
    /// On a thread of its own, whose mask no test shares; a signal sent to a thread is read by that thread's signalfd.
    @Test func signalsArriveAsEventsOfTheReactor() throws {
        var received: [Signal] = []
        try onThread {
            SignalSource.blockSignals()
            let reactor = try Reactor(index: 0)
            let source = try SignalSource(reactor: reactor) { received.append($0) }
            for number in [SIGHUP, SIGTERM, SIGINT, SIGUSR1] { pthread_kill(pthread_self(), number) }
            while received.count < 4 { reactor.turn() }
            source.close()
        }
        #expect(Set(received) == Set(Signal.allCases))
    }

    /// Runs `body` on a new thread and waits for it.
    private func onThread(_ body: () throws -> Void) throws {
        try withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) var failure: (any Error)?
            let thread = try SystemThread.start(name: "test", stackBytes: 256 * 1024) {
                do { unsafe try body() } catch { unsafe failure = error }
            }
            thread.join()
            if let error = unsafe failure { throw error }
        }
    }
}
