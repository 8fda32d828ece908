import PluginAPI
import PluginTestKit
import PostgresWire
import Synchronization
import Testing

@testable import RateLimit

@Suite("Statements at a time")
struct ConcurrencyTests {
    private static let two = """
        [[limit]]
        name = "two"
        per = "user"
        concurrent = 2
        """
    private static let waiting = two + "\non_limit = \"wait\"\nwait_at_most = \"2s\""

    @Test("are refused when there are as many, until one has ended, on any reactor")
    func reject() throws {
        let sessions = try Sessions(Self.two)
        let others = try sessions.beside()
        #expect(sessions.admit(session: 1, at: 0) == "ok")
        #expect(others.admit(session: 2, at: 0) == "ok")
        #expect(sessions.admit(session: 3, at: 0) == "53400 Try again when one of the statements under way has ended.")
        #expect(try sessions.beside(user: "other").admit(session: 4, at: 0) == "ok")
        others.harness.release(session: 2)
        #expect(sessions.admit(session: 3, at: 0) == "ok")
        #expect(sessions.admit(session: 5, at: 0).hasPrefix("53400"))
    }

    @Test("of one session run one after the other: together they are one")
    func pipeline() throws {
        let sessions = try Sessions(Self.two)
        for _ in 0..<5 { #expect(sessions.admit(session: 1, at: 0) == "ok") }
        #expect(sessions.admit(session: 2, at: 0) == "ok")
        for _ in 0..<4 { sessions.harness.release(session: 1) }
        #expect(sessions.admit(session: 3, at: 0).hasPrefix("53400"))
        sessions.harness.release(session: 1)
        #expect(sessions.admit(session: 3, at: 0) == "ok")
    }

    @Test("that were refused by a decider take no place")
    func refused() throws {
        let sessions = try Sessions(Self.two)
        for number in 1...5 { #expect(sessions.admit("SELECT forbidden()", session: number, at: 0).hasPrefix("42501")) }
        #expect(sessions.admit(session: 6, at: 0) == "ok")
    }

    @Test("may be only those that call something")
    func functions() throws {
        let sessions = try Sessions(Self.two + "\nfunctions = [\"pgml.transform\"]")
        #expect(sessions.admit("SELECT pgml.transform('a')", session: 1, at: 0) == "ok")
        #expect(sessions.admit("SELECT pgml.transform('a')", session: 2, at: 0) == "ok")
        #expect(sessions.admit("SELECT pgml.transform('a')", session: 3, at: 0).hasPrefix("53400"))
        #expect(sessions.admit("SELECT 1", session: 3, at: 0) == "ok")
        sessions.harness.release(session: 3)
        #expect(sessions.admit("SELECT pgml.transform('a')", session: 3, at: 0).hasPrefix("53400"))
        sessions.harness.release(session: 2)
        #expect(sessions.admit("SELECT pgml.transform('a')", session: 3, at: 0) == "ok")
    }

    private func pending(_ sessions: Sessions, _ number: Int, at time: UInt64 = 0) throws -> PendingAdmission {
        guard
            case .pending(let admission) = sessions.harness.admit("SELECT 1", session: number, at: Sessions.time(time))
        else {
            struct NotPending: Error {}
            throw NotPending()
        }
        return admission
    }

    @Test("wait in turn, and who has given up is passed over")
    func wait() throws {
        let sessions = try Sessions(Self.waiting)
        for number in 1...2 { #expect(sessions.admit(session: number, at: 0) == "ok") }
        #expect(sessions.admit(session: 3, holdsServer: true, at: 0).hasPrefix("53400"))
        let third = try pending(sessions, 3)
        let fourth = try pending(sessions, 4)
        let fifth = try pending(sessions, 5)
        #expect(third.deadline?.time == Sessions.time(2000))
        #expect(third.deadline?.denial.sqlState == .configurationLimitExceeded)
        third.withdraw()
        sessions.harness.release(session: 3)
        #expect(fourth.isAwaited, "nothing has become free by that")
        sessions.harness.release(session: 1)
        #expect(!fourth.isAwaited && fifth.isAwaited)
        #expect(sessions.admit(session: 6, holdsServer: true, at: 0).hasPrefix("53400"), "nobody passes the fifth by")
        sessions.harness.release(session: 4)
        #expect(!fifth.isAwaited)
        sessions.harness.release(session: 5)
        sessions.harness.release(session: 2)
        for number in 7...8 { #expect(sessions.admit(session: number, at: 0) == "ok") }
        #expect(sessions.admit(session: 9, holdsServer: true, at: 0).hasPrefix("53400"))
    }

    @Test("that have waited in vain leave no trace")
    func inVain() throws {
        let sessions = try Sessions(Self.waiting)
        for number in 1...2 { #expect(sessions.admit(session: number, at: 0) == "ok") }
        let late = try pending(sessions, 3)
        let deadline = try #require(late.deadline)
        late.resolve(.deny(deadline.denial))
        sessions.harness.release(session: 3)
        for number in 1...2 { sessions.harness.release(session: number) }
        for number in 4...5 { #expect(sessions.admit(session: number, holdsServer: true, at: 0) == "ok") }
        #expect(sessions.admit(session: 6, holdsServer: true, at: 0).hasPrefix("53400"))
    }

    @Test("that were granted too late give their place to the next")
    func grantedTooLate() throws {
        let sessions = try Sessions(Self.waiting)
        for number in 1...2 { #expect(sessions.admit(session: number, at: 0) == "ok") }
        let third = try pending(sessions, 3)
        sessions.harness.release(session: 1)
        #expect(!third.withdraw(), "it was granted")
        let fourth = try pending(sessions, 4)
        sessions.harness.release(session: 3)
        #expect(!fourth.isAwaited)
    }

    @Test("that must wait for their rate too are not forwarded before")
    func both() throws {
        let sessions = try Sessions(
            """
            [[limit]]
            name = "rate"
            rate = "1/second"
            burst = 3
            on_limit = "wait"
            wait_at_most = "5s"

            """ + Self.waiting
        )
        for number in 1...2 { #expect(sessions.admit(session: number, at: 0) == "ok") }
        #expect(try pending(sessions, 3).notBefore == 0)
        #expect(try pending(sessions, 4).notBefore == Sessions.time(1000))
        sessions.harness.release(session: 1)
        sessions.harness.release(session: 2)
        #expect(sessions.admit(session: 5, holdsServer: true, at: 0).hasPrefix("53400"))
    }

    @Test("are never more than allowed, with threads that come, wait, give up and go; and none is left waiting")
    func threads() async throws {
        let room = WaitingRoom()
        let slots = [Slots(), Slots()]
        let under = Census()
        await withTaskGroup(of: Void.self) { group in
            for seed in 0..<4 {
                group.addTask {
                    var random = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
                    for _ in 0..<3000 {
                        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                        let which = [[0], [1], [0, 1]][Int(random >> 33) % 3]
                        let needs = which.map { Slot(slots: slots[$0], capacity: 2) }
                        if !room.take(needs) {
                            let admission = PendingAdmission()
                            if case .waits = room.enter(needs, admission) {
                                if random >> 40 & 3 == 0, admission.withdraw() { continue }
                                while admission.isAwaited { await Task.yield() }
                            }
                        }
                        under.state.withLock { under in
                            for index in which {
                                under.now[index] += 1
                                under.most[index] = max(under.most[index], under.now[index])
                            }
                        }
                        await Task.yield()
                        under.state.withLock { under in for index in which { under.now[index] -= 1 } }
                        room.giveBack(needs)
                    }
                }
            }
        }
        #expect(under.state.withLock { $0.most } == [2, 2])
        #expect(room.take(slots.flatMap { [Slot(slots: $0, capacity: 2), Slot(slots: $0, capacity: 2)] }))
    }
}

/// How many hold each of two slots, and how many did at most.
private final class Census: Sendable {
    let state = Mutex((now: [0, 0], most: [0, 0]))
}
