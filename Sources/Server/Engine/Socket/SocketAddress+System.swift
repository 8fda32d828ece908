internal import CSystem

/// The kernel's form of an address.
extension SocketAddress {
    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Lends the address to a system call. A path that does not fit is cut off: check `isRepresentable` first.
    func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            let length = unsafe store(in: UnsafeMutableRawPointer(pointer))
            return unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe body(address, length)
            }
        }
    }

    private func store(in memory: UnsafeMutableRawPointer) -> socklen_t {
        switch self {
        case .ipv4(let address, let port):
            var system = sockaddr_in()
            system.sin_family = sa_family_t(AF_INET)
            system.sin_port = port.bigEndian
            system.sin_addr.s_addr = address.bigEndian
            unsafe memory.storeBytes(of: system, as: sockaddr_in.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        case .ipv6(let bytes, let port, let scope):
            var system = sockaddr_in6()
            system.sin6_family = sa_family_t(AF_INET6)
            system.sin6_port = port.bigEndian
            system.sin6_addr = bytes.system
            system.sin6_scope_id = scope
            unsafe memory.storeBytes(of: system, as: sockaddr_in6.self)
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        case .unix(let path):
            // The storage is zeroed: the path ends with a NUL.
            unsafe memory.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
            let start = MemoryLayout<sa_family_t>.size
            let bytes = path.utf8.prefix(Self.longestPath)
            for (index, byte) in bytes.enumerated() {
                unsafe memory.storeBytes(of: byte, toByteOffset: start + index, as: UInt8.self)
            }
            return socklen_t(start + bytes.count + 1)
        }
    }

    /// Whether the kernel has room for it.
    var isRepresentable: Bool {
        guard case .unix(let path) = self else { return true }
        return (1...Self.longestPath).contains(path.utf8.count) && !path.utf8.contains(0)
    }

    /// Reads what a system call filled in; nil for other families.
    init?(_ storage: sockaddr_storage) {
        let result: SocketAddress? = unsafe withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let system = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
                return .ipv4(UInt32(bigEndian: system.sin_addr.s_addr), port: UInt16(bigEndian: system.sin_port))
            case AF_INET6:
                let system = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
                return .ipv6(
                    IPv6Bytes(system.sin6_addr),
                    port: UInt16(bigEndian: system.sin6_port),
                    scope: system.sin6_scope_id
                )
            case AF_UNIX:
                // An unnamed socket's path is empty.
                return unsafe .unix(path: String(decoding: bytes.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self))
            default:
                return nil
            }
        }
        guard let result else { return nil }
        self = result
    }

    /// Has a system call (accept4, getsockname …) fill in an address.
    static func filled(by call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> (
        result: Int32, address: SocketAddress?
    ) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe call(address, &length)
            }
        }
        return (result, result < 0 ? nil : SocketAddress(storage))
    }
}
