import Testing

@testable import Engine

@Suite final class TimerQueueTests {
    private var queue = TimerQueue<Int>()

    private func at(_ nanoseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: nanoseconds) }

    private func cancel(_ token: TimerToken) -> Bool { queue.cancel(token) }

    private func nextDeadline() -> MonotonicTime? { queue.nextDeadline() }

    private func popDue(at now: Int64, before mark: UInt64) -> Int? { queue.popDue(at: at(now), before: mark) }

    private func due(at now: Int64) -> [Int] {
        var actions: [Int] = []
        let mark = queue.mark
        while let action = queue.popDue(at: at(now), before: mark) { actions.append(action) }
        return actions
    }

    @Test func timersFireInOrderOfDeadlineThenOfScheduling() {
        for (deadline, action) in [(30, 1), (10, 2), (20, 3), (10, 4)] as [(Int64, Int)] {
            _ = queue.schedule(at: at(deadline), action)
        }
        #expect(nextDeadline() == at(10))
        #expect(due(at: 9) == [])
        #expect(due(at: 20) == [2, 4, 3])
        #expect(nextDeadline() == at(30))
        #expect(due(at: 1_000) == [1])
        #expect(nextDeadline() == nil)
        #expect(queue.count == 0)
    }

    @Test func aCancelledTimerDoesNotFireAndDelaysNothing() {
        let first = queue.schedule(at: at(10), 1)
        _ = queue.schedule(at: at(20), 2)
        #expect(cancel(first))
        #expect(!cancel(first))
        #expect(nextDeadline() == at(20))
        #expect(due(at: 20) == [2])
    }

    @Test func aTokenDoesNotNameTheTimerThatTookItsSlot() {
        let old = queue.schedule(at: at(10), 1)
        #expect(due(at: 10) == [1])
        let new = queue.schedule(at: at(20), 2)
        #expect(old.slot == new.slot)
        #expect(!cancel(old))
        #expect(due(at: 20) == [2])
    }

    @Test func whatIsScheduledWhileFiringWaitsForTheNextRound() {
        _ = queue.schedule(at: at(10), 1)
        let mark = queue.mark
        #expect(popDue(at: 10, before: mark) == 1)
        _ = queue.schedule(at: at(10), 2)
        #expect(popDue(at: 10, before: mark) == nil)
        #expect(due(at: 10) == [2])
    }

    @Test func manyTimersScheduledAndCancelledLeaveNothingBehind() {
        var generator = SystemRandomNumberGenerator()
        var waiting: [Int: TimerToken] = [:]
        var expected: [Int] = []
        for action in 0..<10_000 {
            waiting[action] = queue.schedule(at: at(Int64(action)), action)
            if Bool.random(using: &generator), let (other, token) = waiting.randomElement() {
                #expect(cancel(token))
                waiting[other] = nil
            }
        }
        expected = waiting.keys.sorted()
        #expect(queue.count == expected.count)
        #expect(due(at: 10_000) == expected)
        #expect(queue.count == 0)
    }

    @Test func addingAnEndlessDelayNeverOverflows() {
        #expect(MonotonicTime(nanoseconds: 5) + .seconds(Int64.max) == MonotonicTime(nanoseconds: .max))
        #expect(MonotonicTime(nanoseconds: 5) + .milliseconds(1) == MonotonicTime(nanoseconds: 1_000_005))
        #expect(MonotonicTime(nanoseconds: 7) - MonotonicTime(nanoseconds: 5) == .nanoseconds(2))
    }
}
