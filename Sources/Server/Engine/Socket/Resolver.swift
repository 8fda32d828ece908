internal import CSystem
internal import Glibc

/// Why a name has no addresses.
public enum ResolutionFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// As many lookups wait as may.
    case busy
    /// getaddrinfo's own words.
    case failed(host: String, reason: String)

    /// What to look at, in words for an operator.
    public var description: String {
        switch self {
        case .busy: "too many host names are waiting to be looked up"
        case .failed(let host, let reason): "could not translate host name \"\(host)\" to address: \(reason)"
        }
    }
}

/// Looks up host names off the reactors: getaddrinfo blocks for as long as a name server does not answer.
public final class Resolver: Sendable {
    private let queue: WorkQueue

    /// - Parameters:
    ///   - threads: how many names that get no answer may be pending without holding up the others.
    ///   - capacity: how many lookups may wait.
    public init(threads: Int = 2, capacity: Int = 1024) throws(SystemError) {
        // Name service modules (LDAP, systemd) are not known for small frames.
        queue = try WorkQueue(name: "resolver", threads: threads, stackBytes: 1 << 20, capacity: capacity)
    }

    deinit {
        queue.close()
    }

    /// Sends a host's addresses, at least one, in the order the system prefers (RFC 6724).
    ///
    /// - Parameter host: a name, a numeric address, or an absolute path: the Unix socket itself.
    public func resolve(_ host: String, port: UInt16, reply: Reply<Result<[SocketAddress], ResolutionFailure>>) {
        if let known = Self.withoutLookup(host, port: port) { return reply.send(.success([known])) }
        let isAccepted = queue.submit { reply.send(Self.lookUp(host, port: port)) }
        if !isAccepted { reply.send(.failure(.busy)) }
    }

    /// The address of a host that needs no name server; nil for names.
    public static func withoutLookup(_ host: String, port: UInt16) -> SocketAddress? {
        host.hasPrefix("/") ? .unix(path: host) : SocketAddress(numeric: host, port: port)
    }

    static func lookUp(_ host: String, port: UInt16) -> Result<[SocketAddress], ResolutionFailure> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>? = nil
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        defer { unsafe freeaddrinfo(list) }
        guard code == 0 else {
            return .failure(.failed(host: host, reason: unsafe String(cString: gai_strerror(code))))
        }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe SocketAddress(entry.pointee, port: port), !addresses.contains(address) {
                addresses.append(address)
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(.failed(host: host, reason: "it has none")) : .success(addresses)
    }
}

extension SocketAddress {
    fileprivate init?(_ entry: addrinfo, port: UInt16) {
        var storage = sockaddr_storage()
        guard let source = unsafe entry.ai_addr, unsafe entry.ai_addrlen <= MemoryLayout<sockaddr_storage>.size else {
            return nil
        }
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: source, count: Int(entry.ai_addrlen)))
        }
        switch SocketAddress(storage) {
        case .ipv4(let address, _): self = .ipv4(address, port: port)
        case .ipv6(let bytes, _, let scope): self = .ipv6(bytes, port: port, scope: scope)
        case .unix, nil: return nil
        }
    }
}
