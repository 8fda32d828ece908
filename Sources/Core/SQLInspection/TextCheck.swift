/// What PostgreSQL checks of a query text before it parses it: encoding, and no NUL in it.
enum TextCheck {
    /// nil for a text that PostgreSQL takes.
    static func failure(in text: RawSpan) -> InspectionFailure? {
        var index = 0
        let count = text.byteCount
        while index < count {
            // Eight plain ASCII bytes at a time: no high bit, and no byte that is zero.
            while index + 8 <= count {
                let word = unsafe text.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
                let zeroes = (word &- 0x0101_0101_0101_0101) & ~word
                if (word | zeroes) & 0x8080_8080_8080_8080 != 0 { break }
                index += 8
            }
            guard index < count else { break }
            let lead = byte(text, index)
            if lead == 0 { return .embeddedNull }
            if lead < 0x80 {
                index += 1
                continue
            }
            let length = length(lead: lead)
            guard index + length <= count, isLegal(text, index, length) else {
                return .invalidEncoding(bytes: shown(text, index, min(length, count - index)))
            }
            index += length
        }
        return nil
    }

    private static func byte(_ text: RawSpan, _ index: Int) -> UInt8 {
        unsafe text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    /// As `pg_utf_mblen`: what the first byte promises, 1 for a byte that can start nothing.
    private static func length(lead: UInt8) -> Int {
        if lead & 0xE0 == 0xC0 { return 2 }
        if lead & 0xF0 == 0xE0 { return 3 }
        if lead & 0xF8 == 0xF0 { return 4 }
        return 1
    }

    /// As `pg_utf8_islegal`: no overlong forms, no surrogates, nothing above U+10FFFF.
    private static func isLegal(_ text: RawSpan, _ index: Int, _ length: Int) -> Bool {
        let lead = byte(text, index)
        guard length > 1, lead >= 0xC2, lead <= 0xF4 else { return false }
        let second = byte(text, index + 1)
        let secondRange: ClosedRange<UInt8> =
            switch lead {
            case 0xE0: 0xA0...0xBF
            case 0xED: 0x80...0x9F
            case 0xF0: 0x90...0xBF
            case 0xF4: 0x80...0x8F
            default: 0x80...0xBF
            }
        guard secondRange.contains(second) else { return false }
        return (2..<max(2, length)).allSatisfy { byte(text, index + $0) & 0xC0 == 0x80 }
    }

    /// The bytes as PostgreSQL's message shows them.
    private static func shown(_ text: RawSpan, _ index: Int, _ count: Int) -> String {
        (index..<index + count).map { offset in
            let hex = String(byte(text, offset), radix: 16)
            return "0x" + (hex.count < 2 ? "0" : "") + hex
        }.joined(separator: " ")
    }
}
