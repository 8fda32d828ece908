import Glibc
import Logging
import Synchronization
import Testing

@testable import Engine

@Suite struct ListenerTests {
    let loopback = Loopback()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func sessionsGoWhereFewestAre() {
        let placement = SessionPlacement(reactors: 3)
        #expect(placement.enter(preferring: 1) == 1)
        #expect(placement.enter(preferring: 1) == 0)
        #expect(placement.enter(preferring: 1) == 2)
        #expect(placement.enter(preferring: 2) == 2)
        placement.leave(1)
        #expect(placement.enter(preferring: 2) == 1)
        #expect(placement.total == 4)
    }

    /// One reactor alone listens and must give away two of three, or all listen and wake as the kernel likes.
    @Test(arguments: [1, 3])
    func connectionsAreSharedEquallyWhoeverAccepts(listeners: Int) async throws {
        let (listening, address) = try loopback.listen()
        let placement = SessionPlacement(reactors: 3)
        let threads = try (0..<3).map { try ReactorThread.start(index: $0) { _ in } }
        let mailboxes = threads.map(\.mailbox)
        let accepted = Mutex<[Int32]>([])
        let connections = 30
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            for mailbox in mailboxes.prefix(listeners) {
                mailbox.post { [logger] reactor in
                    do {
                        _ = try Listener(
                            sharing: listening,
                            reactor: reactor,
                            placement: placement,
                            mailboxes: mailboxes,
                            logger: logger
                        ) { reactor, socket in
                            #expect(socket.peer.host == "127.0.0.1")
                            let count = accepted.withLock { accepted in
                                accepted.append(socket.descriptor)
                                return accepted.count
                            }
                            if count == connections { continuation.resume() }
                        }
                    } catch {
                        continuation.resume(throwing: error)
                    }
                }
            }
            for _ in 0..<connections { #expect(throws: Never.self) { try loopback.connect(to: address) } }
        }
        // Reactors that choose at the same moment may choose the same.
        let tolerance = listeners == 1 ? 0 : 2
        for reactor in 0..<3 { #expect(abs(placement.count(of: reactor) - 10) <= tolerance) }
        #expect(placement.total == connections)
        for thread in threads { thread.stop() }
        for thread in threads { thread.join() }
        for descriptor in accepted.withLock({ $0 }) { close(descriptor) }
    }

    /// A listener on a reactor that the test turns by hand.
    private func makeListener(
        _ listening: Int32,
        on reactor: Reactor,
        placement: SessionPlacement = SessionPlacement(reactors: 1),
        accept: @escaping Listener.Accept = Socket.accept,
        handler: @escaping Listener.Handler
    ) throws -> Listener {
        try Listener(
            sharing: listening,
            reactor: reactor,
            placement: placement,
            mailboxes: [reactor.mailbox],
            logger: logger,
            accept: accept,
            handler: handler
        )
    }

    @Test func aBurstIsAcceptedInBatches() throws {
        let (listening, address) = try loopback.listen()
        let reactor = try Reactor(index: 0)
        let count = Mutex(0)
        let listener = try makeListener(listening, on: reactor) { _, socket in
            close(socket.descriptor)
            count.withLock { $0 += 1 }
        }
        for _ in 0..<20 { _ = try loopback.connect(to: address) }
        reactor.turn()
        #expect(count.withLock { $0 } == Listener.batch)
        reactor.turn()
        #expect(count.withLock { $0 } == 20)
        listener.close()
        #expect(reactor.sourceCount == 1)
    }

    @Test func aClosedListenerIsToldNothingOfTheSocketThatOthersListenOn() throws {
        let (listening, address) = try loopback.listen()
        let reactor = try Reactor(index: 0)
        let listener = try makeListener(listening, on: reactor) { _, socket in close(socket.descriptor) }
        listener.close()
        _ = try loopback.connect(to: address)
        let start = MonotonicTime.read()
        reactor.turn(waitingAtMost: .milliseconds(50))
        #expect(reactor.now - start >= .milliseconds(50))
        withExtendedLifetime(listener) {}
    }

    @Test func withoutDescriptorsAcceptingPausesAndGoesOn() throws {
        let (listening, address) = try loopback.listen()
        let reactor = try Reactor(index: 0)
        let count = Mutex(0)
        var attempts = 0
        let listener = try makeListener(listening, on: reactor) { descriptor throws(SystemError) in
            attempts += 1
            if attempts == 1 { throw SystemError("accept a connection", code: EMFILE) }
            return try Socket.accept(descriptor)
        } handler: { _, socket in
            close(socket.descriptor)
            count.withLock { $0 += 1 }
        }
        _ = try loopback.connect(to: address)
        let start = MonotonicTime.read()
        var turns = 0
        while count.withLock({ $0 }) == 0 {
            reactor.turn()
            turns += 1
        }
        #expect(reactor.now - start >= Listener.pause)
        // One that fails, one that resumes, one that accepts: it did not spin.
        #expect(turns <= 5)
        listener.close()
    }

    @Test func aListenerClosedDuringItsPauseStaysClosed() throws {
        let (listening, address) = try loopback.listen()
        let reactor = try Reactor(index: 0)
        let listener = try makeListener(listening, on: reactor) { _ throws(SystemError) in
            throw SystemError("accept a connection", code: EMFILE)
        } handler: { _, _ in
        }
        _ = try loopback.connect(to: address)
        reactor.turn()
        listener.close()
        var isOver = false
        reactor.schedule(after: Listener.pause + .milliseconds(1)) { isOver = true }
        while !isOver { reactor.turn() }
        #expect(!listener.isRegistered)
    }
}
