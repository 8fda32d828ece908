/// A connection URI taken apart into libpq's keywords, with the percent-encoding undone and nothing interpreted.
struct ConnectionURI {
    private(set) var values: [String: String] = [:]

    /// libpq's parameters that mean something to this gateway.
    private static let parameters: Set<String> = [
        "host", "port", "user", "password", "dbname", "sslmode", "connect_timeout", "application_name", "options",
    ]
    /// The usual reason for a URL that comes apart in the wrong places.
    static let encodingHint = "(in a password, write / ? @ : # and % percent-encoded)"

    typealias Refusal = UpstreamURL.Refusal
    private typealias Bytes = ArraySlice<UInt8>

    init(_ text: String) throws(Refusal) {
        guard let scheme = ["postgres://", "postgresql://"].first(where: { text.hasPrefix($0) }) else {
            throw Refusal(message: "is not a URL of PostgreSQL; write postgres://USER:PASSWORD@HOST/DATABASE")
        }
        var rest = Bytes(text.utf8.dropFirst(scheme.utf8.count))
        try takeUserInfo(from: &rest)
        try takeAuthority(from: &rest)
        if rest.first == UInt8(ascii: "/") {
            rest.removeFirst()
            try set("dbname", Self.take(from: &rest, until: "?"))
        }
        if rest.first == UInt8(ascii: "?") {
            try takeParameters(from: rest.dropFirst())
        }
    }

    /// `user:password@`, if there is an `@` before the first slash.
    private mutating func takeUserInfo(from rest: inout Bytes) throws(Refusal) {
        let end = rest.firstIndex { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "/") }
        guard let end, rest[end] == UInt8(ascii: "@") else { return }
        var info = rest[..<end]
        rest = rest[(end + 1)...]
        try set("user", Self.take(from: &info, until: ":"))
        try set("password", info.dropFirst())
    }

    /// `host:port` or `[address]:port`
    private mutating func takeAuthority(from rest: inout Bytes) throws(Refusal) {
        var authority = Self.take(from: &rest, until: "/?")
        if authority.contains(UInt8(ascii: ",")) {
            throw Refusal(message: "names several hosts, which is not there yet; write one")
        }
        if authority.first == UInt8(ascii: "[") {
            authority.removeFirst()
            let address = Self.take(from: &authority, until: "]")
            let isClosed = authority.popFirst() != nil
            guard isClosed, authority.isEmpty || authority.first == UInt8(ascii: ":"), !address.isEmpty else {
                throw Refusal(message: "has an IPv6 address that is not in brackets of its own; write [::1]:5432")
            }
            try set("host", address)
        } else {
            try set("host", Self.take(from: &authority, until: ":"))
        }
        try set("port", authority.dropFirst())
    }

    private mutating func takeParameters(from query: Bytes) throws(Refusal) {
        for parameter in query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let parts = parameter.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Refusal(message: "has a parameter that is not NAME=VALUE \(Self.encodingHint)")
            }
            let name = try Self.decoded(parts[0])
            guard Self.parameters.contains(name) else { throw Self.unknown(name, in: query) }
            try set(name, parts[1])
        }
    }

    /// What is empty counts as not there, as in libpq. What is there twice is refused: somebody would be surprised.
    private mutating func set(_ name: String, _ bytes: Bytes) throws(Refusal) {
        guard !bytes.isEmpty else { return }
        if values.updateValue(try Self.decoded(bytes), forKey: name) != nil {
            throw Refusal(message: "names \(name) twice; write it once")
        }
    }

    /// Names the parameter only if it cannot be part of a password that lacks its percent-encoding.
    private static func unknown(_ name: String, in query: Bytes) -> Refusal {
        let isWord = name.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || $0 == UInt8(ascii: "_") }
        guard isWord, !query.contains(UInt8(ascii: "@")) else {
            return Refusal(message: "has a parameter that is not known here \(encodingHint)")
        }
        let known = parameters.subtracting(["user", "password", "dbname", "port"]).sorted()
        return Refusal(message: "has the parameter \(name), which is not known here; known are \(Words.list(known))")
    }

    private static func take(from bytes: inout Bytes, until ends: String) -> Bytes {
        let end = bytes.firstIndex { ends.utf8.contains($0) } ?? bytes.endIndex
        defer { bytes = bytes[end...] }
        return bytes[..<end]
    }

    /// Undoes percent-encoding. As in libpq, `+` is a plus sign and `%00` is refused.
    private static func decoded(_ bytes: Bytes) throws(Refusal) -> String {
        var decoded: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard digits.count == 2, digits != [0, 0] else {
                throw Refusal(message: "has a % without two hexadecimal digits after it; write a percent sign as %25")
            }
            rest = rest.dropFirst(2)
            decoded.append(UInt8(digits[0] << 4 | digits[1]))
        }
        guard let text = String(validating: decoded, as: UTF8.self), !decoded.contains(0) else {
            throw Refusal(message: "is not UTF-8 once its percent-encoding is undone")
        }
        return text
    }
}
