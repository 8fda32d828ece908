import Glibc
import Testing

@testable import Engine

@Suite struct SocketTests {
    let loopback = Loopback()

    @Test func aTakenPortIsRefusedAndItsHolderNamed() throws {
        let (_, address) = try loopback.listen()
        let port = try #require(address.port)
        let error = #expect(throws: SystemError.self) { try Socket.listen(on: .ipv4(0x7f00_0001, port: port)) }
        let text = try #require(error?.description)
        #expect(error?.code == EADDRINUSE)
        #expect(text.contains("127.0.0.1:\(port)"))
        #expect(text.contains("process \(getpid()) ("))
        #expect(text.hasSuffix("Address already in use"))
    }

    @Test func aHolderIsFoundInTheKernelsTable() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1920 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0
               1: 0100007F:1920 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 666 1 0
               2: garbage
               3: 00000000:1921 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1 0

            """
        #expect(PortHolder.listeningInodes(port: 6432, table: table) == ["12345"])
        #expect(PortHolder.listeningInodes(port: 6434, table: table) == [])
        #expect(PortHolder.listeningInodes(port: 6432, table: "") == [])
    }

    @Test func anEmptySocketWouldBlockAndAClosedOneIsClosed() throws {
        let (client, server) = try loopback.pair()
        #expect(receive(from: server).result == .wouldBlock)
        Socket.shutdownSending(client)
        #expect(receive(from: server).result == .closed)
    }

    @Test func aFullSocketTakesPartThenBlocks() throws {
        let (client, server) = try loopback.pair()
        let chunk = [UInt8](repeating: 7, count: 1 << 20)
        var sent = 0
        while case .count(let count) = send(chunk, to: client) { sent += count }
        #expect(sent > 0)
        #expect(send(chunk, to: client) == .wouldBlock)
        var received = 0
        while case .count(let count) = receive(from: server).result { received += count }
        #expect(received > 0)
    }

    @Test func sendingToAPeerThatHasGoneRaisesNoSignal() throws {
        let (client, server) = try loopback.pair()
        _ = send([1], to: client)
        // Closing with unread data resets the connection. Replaced, not closed: the number stays the helper's.
        #expect(dup2(client, server) == server)
        let results = (0..<2).map { _ in send([1], to: client) }
        #expect(results.contains { $0 == .closed || $0 == .failed(ECONNRESET) })
    }

    @Test func connectingToAPortNobodyListensOnFails() throws {
        let (descriptor, address) = try loopback.listen()
        // The port is free once its only listener is gone; the number stays the helper's.
        let null = unsafe open("/dev/null", O_RDONLY)
        defer { close(null) }
        #expect(dup2(null, descriptor) == descriptor)
        do {
            let attempt = try Socket.connect(to: address)
            defer { close(attempt.descriptor) }
            let reactor = try Reactor(index: 0)
            let source = Probe(descriptor: attempt.descriptor, reactor: reactor)
            var outcome: Int32?
            source.onWritable = { source in
                outcome = Socket.pendingError(source.descriptor)
                source.reactor.remove(source)
            }
            try reactor.add(source, interest: .write)
            while outcome == nil { reactor.turn() }
            #expect(outcome == ECONNREFUSED)
        } catch {
            #expect(error.code == ECONNREFUSED)
        }
    }

    @Test func unixSocketsConnect() throws {
        var template = Array("/tmp/engine-tests-XXXXXX".utf8CString)
        let directory = try #require(unsafe mkdtemp(&template).map { unsafe String(cString: $0) })
        let path = directory + "/socket"
        let address = SocketAddress.unix(path: path)
        let listening = try Socket.listen(on: address)
        defer {
            close(listening)
            unsafe unlink(path)
            unsafe rmdir(directory)
        }
        let attempt = try Socket.connect(to: address)
        defer { close(attempt.descriptor) }
        #expect(!attempt.isInProgress)
        let (server, peer) = try #require(try Socket.accept(listening))
        defer { close(server) }
        #expect(peer == .unix(path: ""))
        #expect(Socket.localAddress(server) == address)
        #expect(send([1, 2], to: attempt.descriptor) == .count(2))
        #expect(receive(from: server).bytes == [1, 2])
        // Options of TCP are no error here.
        Socket.setNoDelay(server)
    }

    @Test(arguments: ["", String(repeating: "x", count: 108), "/tmp/a\0b"])
    func aPathThatDoesNotFitIsRefusedNotCutOff(path: String) {
        #expect(throws: SystemError.self) { try Socket.connect(to: .unix(path: path)) }
        #expect(throws: SystemError.self) { try Socket.listen(on: .unix(path: path)) }
    }

    @Test func theOptionsReachTheKernel() throws {
        let (client, _) = try loopback.pair()
        Socket.setNoDelay(client)
        Socket.setKeepalive(client, Keepalive(idle: .seconds(60), interval: .seconds(5), count: 3))
        Socket.setUserTimeout(client, .seconds(30))
        #expect(option(client, Int32(IPPROTO_TCP), TCP_NODELAY) == 1)
        #expect(option(client, SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(option(client, Int32(IPPROTO_TCP), TCP_KEEPIDLE) == 60)
        #expect(option(client, Int32(IPPROTO_TCP), TCP_KEEPINTVL) == 5)
        #expect(option(client, Int32(IPPROTO_TCP), TCP_KEEPCNT) == 3)
        #expect(option(client, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT) == 30_000)
    }

    @Test func anAcceptedSocketHasTheOptionsOfTheOneThatListens() throws {
        let (_, server) = try loopback.pair()
        #expect(option(server, Int32(IPPROTO_TCP), TCP_NODELAY) == 1)
        #expect(option(server, SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(option(server, Int32(IPPROTO_TCP), TCP_KEEPIDLE) == 60)
        #expect(option(server, Int32(IPPROTO_TCP), TCP_KEEPINTVL) == 10)
        #expect(option(server, Int32(IPPROTO_TCP), TCP_KEEPCNT) == 6)
    }

    private func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, level, name, &value, &length)
        return value
    }
}
