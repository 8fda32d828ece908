internal import CSystem

/// Where a socket listens or connects to: always numeric, names are the `Resolver`'s business.
public enum SocketAddress: Sendable, Hashable {
    /// The address in host byte order.
    case ipv4(UInt32, port: UInt16)
    /// `scope` is the interface's index of a link-local address, else 0.
    case ipv6(IPv6Bytes, port: UInt16, scope: UInt32)
    /// A path in the file system, at most 107 bytes.
    case unix(path: String)

    /// An IPv6 address's sixteen bytes in network order, as two numbers.
    public struct IPv6Bytes: Sendable, Hashable {
        /// The first eight bytes.
        public let high: UInt64
        /// The last eight bytes.
        public let low: UInt64

        /// Both halves in host byte order.
        public init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }

    /// How many bytes of a path fit `sockaddr_un` with its NUL.
    static let longestPath = 107

    /// Reads a numeric address: `192.0.2.1`, `2001:db8::1`; nil for anything else, names included.
    public init?(numeric host: String, port: UInt16) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if unsafe inet_pton(AF_INET, host, &v4) == 1 {
            self = .ipv4(UInt32(bigEndian: v4.s_addr), port: port)
        } else if unsafe inet_pton(AF_INET6, host, &v6) == 1 {
            self = .ipv6(IPv6Bytes(v6), port: port, scope: 0)
        } else {
            return nil
        }
    }

    /// nil for a Unix socket.
    public var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port, _): port
        case .unix: nil
        }
    }

    /// The numeric host without port, or the path of a Unix socket. An IPv4 address that came through an IPv6 socket
    /// (`::ffff:192.0.2.1`) is written as the IPv4 address it is, so that rules about addresses need to know one form.
    public var host: String {
        switch self {
        case .ipv4(let address, _):
            "\(address >> 24).\(address >> 16 & 0xff).\(address >> 8 & 0xff).\(address & 0xff)"
        case .ipv6(let bytes, let port, let scope):
            if let mapped = bytes.mappedIPv4 {
                SocketAddress.ipv4(mapped, port: port).host
            } else {
                bytes.text + (scope == 0 ? "" : "%\(scope)")
            }
        case .unix(let path): path
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `192.0.2.1:5432`, `[2001:db8::1]:5432` or the path.
    public var description: String {
        guard let port else { return host }
        let host = host
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension SocketAddress.IPv6Bytes {
    init(_ address: in6_addr) {
        let words = unsafe withUnsafeBytes(of: address) { bytes in
            unsafe (
                bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
        self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
    }

    var system: in6_addr {
        var address = in6_addr()
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            unsafe bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    /// The IPv4 address inside `::ffff:0:0/96`.
    var mappedIPv4: UInt32? {
        high == 0 && low >> 32 == 0xffff ? UInt32(truncatingIfNeeded: low) : nil
    }

    fileprivate var text: String {
        var address = system
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress, unsafe inet_ntop(AF_INET6, &address, start, 64) != nil else {
                return "?"
            }
            return unsafe String(cString: start)
        }
    }
}
