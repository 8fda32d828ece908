import ArgumentParser
import Engine
import Glibc

/// `pgml-gateway health`: whether a gateway answers at an address, for a container's health check.
///
/// It asks for TLS, the one question that PostgreSQL's protocol answers before it wants to know who asks: the accept
/// loop, a reactor and the protocol are at work. No configuration is read, so that a file that is being edited does not
/// have a gateway taken down that runs well with the one it has; nor is PostgresML asked, which no restart of the gateway
/// brings back.
struct Health: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a running gateway whether it answers.",
        discussion: "Ends with 0 when it does, with 1 when not. Whether PostgresML answers is not asked."
    )

    @Option(help: "Where the gateway listens: ADDRESS:PORT.")
    var address = "127.0.0.1:6432"

    @Option(help: "How many seconds the answer may take, 1 to 60.")
    var timeout = 3

    func validate() throws {
        guard (1...60).contains(timeout) else {
            throw ValidationError("--timeout \(timeout) is out of range; write 1 to 60")
        }
    }

    func run() throws {
        let place = try SocketAddress(address, option: "--address")
        let attempt = try Socket.connect(to: place)
        defer { Socket.close(attempt.descriptor) }
        let deadline = ContinuousClock.now + .seconds(timeout)

        if attempt.isInProgress { try wait(for: POLLOUT, on: attempt.descriptor, until: deadline) }
        let code = Socket.pendingError(attempt.descriptor)
        guard code == 0 else { throw SystemError("connect to \(place)", code: code) }
        let sent = unsafe Socket.send(attempt.descriptor, Self.sslRequest.span.bytes)
        guard sent == .count(Self.sslRequest.count) else {
            throw Unhealthy(description: "\(place): takes no bytes")
        }
        try wait(for: POLLIN, on: attempt.descriptor, until: deadline)
        guard let answer = firstByte(attempt.descriptor), Self.answers.contains(answer) else {
            throw Unhealthy(description: "\(place): does not answer as a PostgreSQL server does")
        }
        print("\(place) answers")
    }

    /// SSLRequest (PostgreSQL's documentation, 55.7): its length and 1234.5679.
    private static let sslRequest: [UInt8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]
    /// TLS, or none.
    private static let answers = [UInt8(ascii: "S"), UInt8(ascii: "N")]

    private func wait(for events: Int32, on descriptor: Int32, until deadline: ContinuousClock.Instant) throws {
        while true {
            let left = (deadline - ContinuousClock.now).components
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            var watched = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            switch unsafe poll(&watched, 1, Int32(clamping: max(0, milliseconds))) {
            case 1: return
            case 0: throw Unhealthy(description: "\(address): no answer within \(timeout) s")
            default: guard errno == EINTR else { throw SystemError("wait for \(address)", code: errno) }
            }
        }
    }

    private func firstByte(_ descriptor: Int32) -> UInt8? {
        unsafe withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { buffer in
            guard case .count = unsafe Socket.receive(descriptor, into: buffer) else { return nil }
            return unsafe buffer[0]
        }
    }
}

/// Why the gateway is not taken for healthy.
struct Unhealthy: Error, CustomStringConvertible {
    let description: String
}
