internal import CSystem
internal import Glibc

extension Socket {
    /// How many connections may wait to be accepted; the kernel caps it at net.core.somaxconn.
    static let backlog: Int32 = 1024

    /// Opens a listening TCP socket. Port 0 has the kernel choose one.
    ///
    /// SO_REUSEADDR lets a restarted gateway have its port although old connections linger; SO_REUSEPORT is not set,
    /// as it would let a second gateway take the port unnoticed. An IPv6 socket takes no IPv4 connections, as with
    /// PostgreSQL: whoever wants both listens on both.
    public static func listen(on address: SocketAddress) throws(SystemError) -> Int32 {
        let descriptor = try make(for: address)
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        // The sockets that are accepted have these from the one that listens: five system calls fewer for each.
        setNoDelay(descriptor)
        setKeepalive(descriptor, Keepalive(idle: .seconds(60), interval: .seconds(10), count: 6))
        if case .ipv6 = address { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        do {
            try SystemError.check("listen on \(address)") {
                unsafe address.withSystemAddress { unsafe bind(descriptor, $0, $1) }
            }
            try SystemError.check("listen on \(address)") { CSystem.listen(descriptor, backlog) }
        } catch {
            close(descriptor)
            throw explained(error, address)
        }
        return descriptor
    }

    /// Accepts a connection that is waiting; nil when none is.
    static func accept(_ listening: Int32) throws(SystemError) -> (descriptor: Int32, peer: SocketAddress)? {
        while true {
            let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let (descriptor, peer) = unsafe SocketAddress.filled { unsafe accept4(listening, $0, $1, flags) }
            if descriptor >= 0 {
                if let peer { return (descriptor, peer) }
                close(descriptor)
                continue
            }
            switch errno {
            case EAGAIN: return nil
            // The connection died while it waited, or a signal came (accept(2) lists what a network error looks like).
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
                ENETUNREACH, EPERM:
                continue
            case let code: throw SystemError("accept a connection", code: code)
            }
        }
    }

    /// A taken port is the commonest failure at start: say whose it is.
    private static func explained(_ error: SystemError, _ address: SocketAddress) -> SystemError {
        guard error.code == EADDRINUSE, let port = address.port else { return error }
        let holder = PortHolder.find(port: port).map { ", which \($0) holds" } ?? ", which another process holds"
        return SystemError("listen on \(address)\(holder)", code: error.code)
    }
}
