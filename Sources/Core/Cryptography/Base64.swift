/// Base64 with padding (RFC 4648, section 4), as SCRAM writes it.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// Writes bytes as ASCII.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        let alphabet = alphabet
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var bits = UInt32(bytes[start]) << 16
            if count > 1 { bits |= UInt32(bytes[start + 1]) << 8 }
            if count > 2 { bits |= UInt32(bytes[start + 2]) }
            result.append(alphabet[Int(bits >> 18)])
            result.append(alphabet[Int(bits >> 12 & 63)])
            result.append(count > 1 ? alphabet[Int(bits >> 6 & 63)] : padding)
            result.append(count > 2 ? alphabet[Int(bits & 63)] : padding)
        }
        return result
    }

    /// Reads exactly what `encode` writes; nil for anything else: white space, missing or surplus padding, bits set
    /// beyond the last byte. One value has one spelling, so that what was compared as text was compared as value.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        decode(Array(text))
    }

    /// The same of an array.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var position = 0
        var paddingCount = 0
        for character in text {
            if character == padding {
                paddingCount += 1
            } else {
                guard paddingCount == 0, let value = value(of: character) else { return nil }
                bits |= UInt32(value)
            }
            position += 1
            if position % 4 == 0 {
                guard append(bits, paddingCount: paddingCount, to: &result) else { return nil }
                bits = 0
            } else {
                bits <<= 6
            }
        }
        return result
    }

    private static func append(_ bits: UInt32, paddingCount: Int, to result: inout [UInt8]) -> Bool {
        guard paddingCount <= 2, bits & (1 << (8 * UInt32(paddingCount)) - 1) == 0 else { return false }
        for index in 0..<(3 - paddingCount) {
            result.append(UInt8(truncatingIfNeeded: bits >> (16 - 8 * UInt32(index))))
        }
        return true
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
