import Testing

@testable import Engine

@Suite struct ConnectionTests {
    @Test func `What a peer may count on has happened before it sees the end`() throws {
        let loopback = Loopback()
        let reactor = try Reactor(index: 0)
        let (peer, own) = try loopback.connected()
        let connection = Watched(descriptor: own, reactor: reactor, peer: peer)
        try reactor.add(connection, interest: .read)
        connection.closeNow()
        connection.closeNow()
        #expect(connection.seen == [.wouldBlock, .closed])
    }
}

/// Looks at what its peer sees, before and after it is closed.
private final class Watched: Connection {
    private let peer: Int32
    private(set) var seen: [IOResult] = []

    init(descriptor: Int32, reactor: Reactor, peer: Int32) {
        self.peer = peer
        super.init(descriptor: descriptor, reactor: reactor)
    }

    override func closing() { seen.append(receive(from: peer).result) }
    override func closed() { seen.append(receive(from: peer).result) }
}
