import Testing

@testable import Engine

@Suite struct ReactorTimerTests {
    let reactor: Reactor

    init() throws {
        reactor = try Reactor(index: 0)
    }

    @Test func aTurnWaitsForTheEarliestTimerAndNoLonger() {
        var fired: [String] = []
        reactor.schedule(after: .milliseconds(20)) { fired.append("late") }
        reactor.schedule(after: .milliseconds(5)) { fired.append("early") }
        let start = MonotonicTime.read()
        while fired.isEmpty { reactor.turn(waitingAtMost: .seconds(10)) }
        #expect(fired.first == "early")
        #expect(reactor.now - start >= .milliseconds(4))
        while fired.count < 2 { reactor.turn() }
        #expect(fired == ["early", "late"])
    }

    @Test func aCancelledTimerIsSilentAndItsActionReleased() {
        final class Witness {}
        var fired = false
        weak var witness: Witness?
        let token = {
            let strong = Witness()
            witness = strong
            return reactor.schedule(after: .zero) {
                withExtendedLifetime(strong) {}
                fired = true
            }
        }()
        #expect(witness != nil)
        #expect(reactor.cancel(token))
        #expect(witness == nil)
        reactor.turn(waitingAtMost: .zero)
        #expect(!fired)
    }

    @Test func anActionThatSchedulesItselfWithoutDelayLetsOthersRun() {
        var rounds = 0
        func again() {
            rounds += 1
            reactor.schedule(after: .zero, again)
        }
        again()
        for _ in 0..<5 { reactor.turn() }
        #expect(rounds == 6)
        reactor.stop()
        reactor.run()
    }
}
