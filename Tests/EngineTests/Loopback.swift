import Glibc

@testable import Engine

/// Sockets on 127.0.0.1 for tests; the kernel chooses the ports. Closes them all in the end.
final class Loopback {
    private var descriptors: [Int32] = []

    deinit {
        for descriptor in descriptors { Socket.close(descriptor) }
    }

    static let anyPort = SocketAddress.ipv4(0x7f00_0001, port: 0)

    func listen() throws -> (descriptor: Int32, address: SocketAddress) {
        let descriptor = try Socket.listen(on: Self.anyPort)
        descriptors.append(descriptor)
        guard let address = Socket.localAddress(descriptor) else {
            throw SystemError("getsockname", code: EINVAL)
        }
        return (descriptor, address)
    }

    /// Connects; on loopback a connection to a listening socket is made at once, whether or not someone accepts.
    func connect(to address: SocketAddress) throws -> Int32 {
        let attempt = try Socket.connect(to: address)
        descriptors.append(attempt.descriptor)
        return attempt.descriptor
    }

    /// Two connected sockets.
    func pair() throws -> (Int32, Int32) {
        let (client, server) = try connected()
        descriptors.append(server)
        return (client, server)
    }

    /// Two connected sockets, of which the second is the caller's to close.
    func connected() throws -> (Int32, own: Int32) {
        let (listening, address) = try listen()
        let client = try connect(to: address)
        while true {
            if let (server, _) = try Socket.accept(listening) { return (client, server) }
        }
    }
}

/// Sends all of `bytes`, which must fit the socket.
func send(_ bytes: [UInt8], to descriptor: Int32) -> IOResult {
    unsafe Socket.send(descriptor, bytes.span.bytes)
}

/// Receives what is there.
func receive(from descriptor: Int32) -> (result: IOResult, bytes: [UInt8]) {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let result = unsafe bytes.withUnsafeMutableBytes { unsafe Socket.receive(descriptor, into: $0) }
    guard case .count(let count) = result else { return (result, []) }
    return (result, Array(bytes.prefix(count)))
}

/// A source that calls closures, so that each test reads as a whole.
final class Probe: EventSource {
    var onReadable: (Probe) -> Void = { _ in }
    var onWritable: (Probe) -> Void = { _ in }
    var onHangUp: (Probe) -> Void = { _ in }
    var onDeinit: () -> Void = {}

    override func readable() { onReadable(self) }
    override func writable() { onWritable(self) }
    override func hungUp() { onHangUp(self) }

    deinit { onDeinit() }
}
