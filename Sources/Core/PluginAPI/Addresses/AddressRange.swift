/// A range of addresses in CIDR notation, `10.0.0.0/8`; without a length, one address.
public struct AddressRange: Sendable, Hashable {
    private let base: IPAddress
    /// How many leading bits an address must share with the base.
    private let length: Int

    /// Why a text is no range: what is wrong and what to write.
    public struct Refusal: Error {
        /// What is wrong, and what to write.
        public let message: String
    }

    /// Reads a range.
    public init(_ text: String) throws(Refusal) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let base = IPAddress(String(first)) else {
            throw Refusal(message: "\"\(text)\" is not a range of addresses; write \"10.0.0.0/8\" or \"fd00::/8\"")
        }
        // What was written as IPv6 and is IPv4 has its length counted from the 96 bits that make it so.
        let written = first.contains(":") ? 128 : 32
        var length = written
        if parts.count == 2 {
            let digits = parts[1].utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            guard digits, let number = Int(parts[1]), (0...written).contains(number) else {
                throw Refusal(message: "\"\(text)\" has no length from 0 to \(written); write \"\(first)/\(written)\"")
            }
            length = number
        }
        length -= written - base.family.bitCount
        guard length >= 0, base.bits == base.masked(to: length) else {
            throw Refusal(message: "\"\(text)\" has bits set beyond its length; write the range's first address")
        }
        self.base = base
        self.length = length
    }

    /// Whether a numeric address is in the range; what is not an address is in none.
    public func contains(_ address: String) -> Bool {
        IPAddress(address).map(contains) ?? false
    }

    /// Whether an address is in the range.
    public func contains(_ address: IPAddress) -> Bool {
        address.family == base.family && address.masked(to: length) == base.bits
    }
}

extension IPAddress {
    /// The leading bits; the others are zero.
    fileprivate func masked(to length: Int) -> UInt128 {
        let tail = family.bitCount - length
        return tail >= 128 ? 0 : (bits >> UInt128(tail)) << UInt128(tail)
    }
}

extension AddressRange: Decodable {
    /// Reads a range as a file gives it: one string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(container.decode(String.self))
        } catch let refusal as Refusal {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: refusal.message)
        }
    }
}
