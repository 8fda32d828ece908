internal import CSystem
internal import Glibc

/// A connection attempt that has begun.
public struct ConnectionAttempt: Sendable, Hashable {
    /// The new socket.
    public let descriptor: Int32
    /// True when the attempt goes on: the socket becomes writable when it has ended, and `Socket.pendingError` then says how.
    public let isInProgress: Bool
}

extension Socket {
    /// Begins to connect, without waiting. The descriptor is the caller's to close.
    public static func connect(to address: SocketAddress) throws(SystemError) -> ConnectionAttempt {
        let descriptor = try make(for: address)
        let code = unsafe address.withSystemAddress { pointer, length in
            unsafe CSystem.connect(descriptor, pointer, length) == 0 ? 0 : errno
        }
        switch code {
        case 0:
            return ConnectionAttempt(descriptor: descriptor, isInProgress: false)
        case EINPROGRESS, EINTR:
            return ConnectionAttempt(descriptor: descriptor, isInProgress: true)
        default:
            // EAGAIN among them: a Unix socket whose backlog is full refuses at once.
            close(descriptor)
            throw SystemError("connect to \(address)", code: code)
        }
    }

    /// How a connection attempt ended: 0 when it succeeded, else its `errno`. Reading it clears it.
    public static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return result == 0 ? code : errno
    }
}
