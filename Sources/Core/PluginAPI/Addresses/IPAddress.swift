/// A numeric IPv4 or IPv6 address.
///
/// Stricter than `inet_aton`, which takes `127.1` and reads `010.0.0.1` as 8.0.0.1: what is not an address in the usual
/// form is none. An IPv4 address in IPv6's clothes (`::ffff:10.0.0.1`) is the IPv4 address.
public struct IPAddress: Sendable, Hashable {
    /// Which of the two kinds of addresses it is.
    public enum Family: Sendable {
        case v4, v6

        /// How long its addresses are.
        public var bitCount: Int { self == .v4 ? 32 : 128 }
    }

    /// IPv4, or IPv6.
    public let family: Family
    /// The address as a number, the most significant bit first on the wire.
    public let bits: UInt128

    /// An address by its number.
    public init(family: Family, bits: UInt128) {
        let isMapped = family == .v6 && bits >> 32 == 0xFFFF
        self.family = isMapped ? .v4 : family
        self.bits = isMapped ? bits & 0xFFFF_FFFF : bits
    }

    /// A zone (`fe80::1%eth0`) is allowed and not kept.
    public init?(_ text: String) {
        if let bits = Self.v4Bits(text[...]) {
            self.init(family: .v4, bits: UInt128(bits))
            return
        }
        let zone = text.firstIndex(of: "%") ?? text.endIndex
        guard let bits = Self.v6Bits(text[..<zone]) else { return nil }
        self.init(family: .v6, bits: bits)
    }

    private static func v4Bits(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard isNumber(part, radix: 10, maximumDigits: 3), part == "0" || part.first != "0" else { return nil }
            guard let byte = UInt8(part) else { return nil }
            bits = bits << 8 | UInt32(byte)
        }
        return bits
    }

    private static func v6Bits(_ text: Substring) -> UInt128? {
        guard text.contains(":") else { return nil }
        let halves = splitAtDoubleColon(text)
        guard let head = v6Groups(halves.head, mayEndInV4: halves.tail == nil) else { return nil }
        guard let tailText = halves.tail else { return head.count == 8 ? number(head) : nil }
        guard let tail = v6Groups(tailText, mayEndInV4: true), head.count + tail.count < 8 else { return nil }
        return number(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func splitAtDoubleColon(_ text: Substring) -> (head: Substring, tail: Substring?) {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix("::") { return (text[..<index], text[index...].dropFirst(2)) }
            index = text.index(after: index)
        }
        return (text, nil)
    }

    /// The groups on one side of `::`; an address' last two may be written as an IPv4 address.
    private static func v6Groups(_ text: Substring, mayEndInV4: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (position, part) in parts.enumerated() {
            if mayEndInV4, position == parts.count - 1, let v4 = v4Bits(part) {
                groups += [UInt16(truncatingIfNeeded: v4 >> 16), UInt16(truncatingIfNeeded: v4)]
            } else if isNumber(part, radix: 16, maximumDigits: 4), let group = UInt16(part, radix: 16) {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }

    /// `UInt16("+1")` is a number too: not here.
    private static func isNumber(_ text: Substring, radix: Int, maximumDigits: Int) -> Bool {
        (1...maximumDigits).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.isASCII && Character($0).hexDigitValue.map { $0 < radix } ?? false }
    }

    private static func number(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
}
