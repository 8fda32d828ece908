import Glibc
import Testing

@testable import Engine

/// All on the test's own thread, turn by turn: what is sent on loopback has arrived when `send` returns.
@Suite struct ReactorTests {
    let reactor: Reactor
    let loopback = Loopback()

    init() throws {
        reactor = try Reactor(index: 0)
    }

    @Test func aReactorEchoesWhatItReceivesFromItsSharedBuffer() throws {
        let (client, server) = try loopback.pair()
        let echo = Probe(descriptor: server, reactor: reactor)
        echo.onReadable = { source in
            let buffer = unsafe source.reactor.receiveBuffer
            guard case .count(let count) = unsafe Socket.receive(source.descriptor, into: buffer) else { return }
            let received = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
            unsafe #expect(Socket.send(source.descriptor, received) == .count(count))
        }
        try reactor.add(echo, interest: .read)

        #expect(send(Array("hello".utf8), to: client) == .count(5))
        reactor.turn()
        #expect(receive(from: client).bytes == Array("hello".utf8))
        reactor.remove(echo)
    }

    @Test func whatIsNotReadIsToldAgain() throws {
        let (client, server) = try loopback.pair()
        var calls = 0
        let source = Probe(descriptor: server, reactor: reactor)
        source.onReadable = { _ in calls += 1 }
        try reactor.add(source, interest: .read)
        _ = send([1], to: client)
        for _ in 0..<3 { reactor.turn(waitingAtMost: .zero) }
        #expect(calls == 3)
        #expect(receive(from: server).bytes == [1])
        reactor.turn(waitingAtMost: .zero)
        #expect(calls == 3)
        reactor.remove(source)
    }

    @Test func interestDecidesWhatIsTold() throws {
        let (client, server) = try loopback.pair()
        var events: [String] = []
        let source = Probe(descriptor: server, reactor: reactor)
        source.onReadable = { _ in events.append("read") }
        source.onWritable = { _ in events.append("write") }
        try reactor.add(source, interest: [])
        _ = send([1], to: client)
        reactor.turn(waitingAtMost: .zero)
        #expect(events == [])
        source.setInterest(.write)
        reactor.turn(waitingAtMost: .zero)
        #expect(events == ["write"])
        source.setInterest([.read, .write])
        reactor.turn(waitingAtMost: .zero)
        #expect(events == ["write", "read", "write"])
        source.setInterest(.read)
        reactor.turn(waitingAtMost: .zero)
        #expect(events == ["write", "read", "write", "read"])
        reactor.remove(source)
    }

    @Test func aSourceRemovedWhileTheBatchIsWorkedOffGetsNoEventOfIt() throws {
        // Whichever of the two comes first removes the other.
        let sources = try (0..<2).map { _ in
            let (client, server) = try loopback.pair()
            _ = send([1], to: client)
            return Probe(descriptor: server, reactor: reactor)
        }
        var calls = 0
        for (index, source) in sources.enumerated() {
            source.onReadable = { [reactor] _ in
                calls += 1
                reactor.remove(sources[1 - index])
            }
            try reactor.add(source, interest: .read)
        }
        reactor.turn()
        #expect(calls == 1)
        #expect(sources.count { $0.isRegistered } == 1)
        for source in sources {
            reactor.remove(source)
            source.onReadable = { _ in }
        }
    }

    @Test func aRemovedSourceIsReleasedWhenTheIterationEnds() throws {
        var events: [String] = []
        let (client, server) = try loopback.pair()
        do {
            let source = Probe(descriptor: server, reactor: reactor)
            source.onReadable = { source in
                source.reactor.remove(source)
                events.append("removed")
            }
            source.onDeinit = { events.append("released") }
            try reactor.add(source, interest: .read)
        }
        reactor.turn(waitingAtMost: .zero)
        #expect(events == [])
        _ = send([1], to: client)
        reactor.turn()
        #expect(events == ["removed", "released"])
    }

    @Test func aDescriptorClosedAndTakenAgainInOneBatchIsNotMistaken() throws {
        let (clientA, serverA) = try loopback.pair()
        let (clientB, serverB) = try loopback.pair()
        var calls: [String] = []
        let replacement = Probe(descriptor: serverA, reactor: reactor)
        replacement.onReadable = { _ in calls.append("replacement") }
        let first = Probe(descriptor: serverA, reactor: reactor)
        let second = Probe(descriptor: serverB, reactor: reactor)
        let swap: (Probe) -> Void = { [reactor] _ in
            guard !replacement.isRegistered else { return }
            calls.append("swap")
            reactor.remove(first)
            #expect(dup2(serverB, serverA) == serverA)
            #expect(throws: Never.self) { try reactor.add(replacement, interest: []) }
        }
        first.onReadable = swap
        second.onReadable = swap
        try reactor.add(first, interest: .read)
        try reactor.add(second, interest: .read)
        _ = send([1], to: clientA)
        _ = send([1], to: clientB)
        reactor.turn()
        #expect(calls == ["swap"])
        for source in [first, second, replacement] {
            reactor.remove(source)
            source.onReadable = { _ in }
        }
    }

    @Test func aPeerThatResetsIsToldThoughNothingIsWanted() throws {
        let (client, server) = try loopback.pair()
        var hangUps = 0
        let source = Probe(descriptor: server, reactor: reactor)
        source.onHangUp = { source in
            hangUps += 1
            source.reactor.remove(source)
        }
        try reactor.add(source, interest: [])
        var lingering = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(client, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
        // Replaced, not closed: the number stays the helper's to close. The connection is reset.
        #expect(dup2(server, client) == client)
        reactor.turn(waitingAtMost: .seconds(5))
        #expect(hangUps == 1)
    }

    @Test func endingLetsGoOfEverySource() throws {
        let (_, server) = try loopback.pair()
        var released = false
        do {
            let source = Probe(descriptor: server, reactor: reactor)
            source.onDeinit = { released = true }
            try reactor.add(source, interest: .read)
        }
        reactor.stop()
        reactor.run()
        #expect(released)
        #expect(reactor.sourceCount == 0)
        #expect(!reactor.mailbox.post { _ in })
    }
}
