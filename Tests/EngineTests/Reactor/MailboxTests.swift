import Synchronization
import Testing

@testable import Engine

@Suite struct MailboxTests {
    @Test func lettersRunInOrderOnTheReactorsThread() async throws {
        let thread = try ReactorThread.start(index: 3) { _ in }
        let order = Mutex<[Int]>([])
        await withCheckedContinuation { continuation in
            for number in 0..<100 {
                thread.mailbox.post { reactor in
                    #expect(reactor.index == 3)
                    order.withLock { $0.append(number) }
                    if number == 99 { continuation.resume() }
                }
            }
        }
        #expect(order.withLock { $0 } == Array(0..<100))
        thread.stop()
        thread.join()
    }

    @Test func noLetterIsLostWhenManyThreadsPost() async throws {
        let writers = 8
        let letters = 2_000
        let received = Atomic<Int>(0)
        let thread = try ReactorThread.start(index: 0) { _ in }
        await withCheckedContinuation { continuation in
            let post: @Sendable () -> Void = {
                for _ in 0..<letters {
                    thread.mailbox.post { _ in
                        let count = received.add(1, ordering: .relaxed).newValue
                        if count == writers * letters { continuation.resume() }
                    }
                }
            }
            let posters = (0..<writers).compactMap { _ in
                try? SystemThread.start(name: "poster", stackBytes: 64 * 1024, body: post)
            }
            #expect(posters.count == writers)
            for poster in posters { poster.join() }
        }
        #expect(received.load(ordering: .relaxed) == writers * letters)
        thread.stop()
        thread.join()
    }

    @Test func aLetterPostedByALetterIsOpenedInTheNextTurn() throws {
        let reactor = try Reactor(index: 0)
        let opened = Mutex(0)
        reactor.mailbox.post { reactor in
            opened.withLock { $0 += 1 }
            reactor.mailbox.post { _ in opened.withLock { $0 += 1 } }
        }
        reactor.turn()
        #expect(opened.withLock { $0 } == 1)
        reactor.turn()
        #expect(opened.withLock { $0 } == 2)
    }

    @Test func aReactorThatHasEndedRefusesLetters() throws {
        let thread = try ReactorThread.start(index: 0) { _ in }
        thread.stop()
        thread.join()
        #expect(!thread.mailbox.post { _ in })
    }

    @Test func aReplyRunsItsHandlerOnce() throws {
        let reactor = try Reactor(index: 0)
        var values: [Int] = []
        let reply = reactor.expect { (value: Int) in values.append(value) }
        reply.send(1)
        reply.send(2)
        reactor.turn()
        #expect(values == [1])
    }

    @Test func aForgottenReplyIsDropped() throws {
        let reactor = try Reactor(index: 0)
        var values: [Int] = []
        let reply = reactor.expect { (value: Int) in values.append(value) }
        reactor.forget(reply)
        reply.send(1)
        reactor.turn()
        #expect(values == [])
    }
}
