internal import CSystem
internal import Glibc

/// What became of a `recv` or `send`.
public enum IOResult: Sendable, Hashable {
    /// So many bytes were moved, at least one.
    case count(Int)
    /// Nothing can be moved now: wait for the next readiness event.
    case wouldBlock
    /// The peer will send (or take) nothing any more.
    case closed
    /// The connection has failed, with this `errno`.
    case failed(Int32)
}

/// The socket calls the gateway needs, on plain descriptors. All sockets are non-blocking and close on exec.
public enum Socket {
    /// Receives what is there, at most `buffer.count` bytes, which must not be 0.
    @inline(__always)
    public static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        while true {
            let count = unsafe csystem_recv(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 { return .count(count) }
            if count == 0 { return .closed }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case let code: return .failed(code)
            }
        }
    }

    /// Sends as much of `bytes` as the socket takes. No SIGPIPE is raised when the peer is gone.
    @inline(__always)
    public static func send(_ descriptor: Int32, _ bytes: RawSpan) -> IOResult {
        unsafe bytes.withUnsafeBytes { buffer in unsafe send(descriptor, buffer) }
    }

    /// Sends as much of `bytes` as the socket takes. No SIGPIPE is raised when the peer is gone.
    @inline(__always)
    public static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult {
        while true {
            let count = unsafe csystem_send(descriptor, bytes.baseAddress, bytes.count)
            if count >= 0 { return .count(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case EPIPE: return .closed
            case let code: return .failed(code)
            }
        }
    }

    /// Tells the peer that nothing more will be sent.
    public static func shutdownSending(_ descriptor: Int32) {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes a descriptor that no event source owns.
    public static func close(_ descriptor: Int32) {
        _ = CSystem.close(descriptor)
    }

    /// The address on this side, nil when the descriptor is no socket.
    public static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        unsafe SocketAddress.filled { unsafe getsockname(descriptor, $0, $1) }.address
    }

    /// The address on the other side, nil when the socket is not connected.
    public static func peerAddress(_ descriptor: Int32) -> SocketAddress? {
        unsafe SocketAddress.filled { unsafe getpeername(descriptor, $0, $1) }.address
    }

    static func make(for address: SocketAddress) throws(SystemError) -> Int32 {
        guard address.isRepresentable else {
            throw SystemError("use \"\(address)\" as a Unix socket's path", code: EINVAL)
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return try SystemError.check("create a socket") { socket(address.family, type, 0) }
    }
}
