// What the template lexer asks of single bytes, of words of eight and of ranges.

extension UInt8 {
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")

    @inline(__always)
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    @inline(__always)
    var isQuote: Bool { self == UInt8(ascii: "'") || self == UInt8(ascii: "\"") }

    /// PostgreSQL's `ident_cont`: letters, digits, `_`, `$` and every byte beyond ASCII.
    @inline(__always)
    var continuesName: Bool {
        (self | 0x20) &- UInt8(ascii: "a") < 26 || isDigit || self == UInt8(ascii: "_") || self == UInt8(ascii: "$")
            || self >= 0x80
    }
}

extension UInt64 {
    static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let lowBits: UInt64 = 0x0101_0101_0101_0101

    /// The high bit of each byte that ends plain text in a literal: `'`, `\`, DEL and control bytes.
    ///
    /// Exact up to the first such byte; a borrow may mark bytes behind it wrongly.
    @inline(__always)
    var bytesSpecialInString: UInt64 {
        let control = (self &- Self.lowBits &* 0x20) & ~self
        return (control | zeroBytes(after: 0x27) | zeroBytes(after: 0x5C) | zeroBytes(after: 0x7F)) & Self.highBits
    }

    /// The high bit of each byte that cannot be part of a name: the contrary of `UInt8.continuesName`.
    ///
    /// Exact in every byte: what is added to seven bits never carries into the next byte.
    @inline(__always)
    var bytesEndingName: UInt64 {
        let ascii = self & ~Self.highBits
        let letter = (ascii | Self.lowBits &* 0x20).bytes(from: 0x61, to: 0x7A)
        let digit = ascii.bytes(from: 0x30, to: 0x39)
        let underscoreOrDollar = ascii.bytes(from: 0x5F, to: 0x5F) | ascii.bytes(from: 0x24, to: 0x24)
        return ~(letter | digit | underscoreOrDollar | self) & Self.highBits
    }

    /// The high bit of each byte of this range; other bits mean nothing. All bytes have to be ASCII.
    @inline(__always)
    private func bytes(from first: UInt64, to last: UInt64) -> UInt64 {
        (self &+ Self.lowBits &* (0x80 &- first)) & ~(self &+ Self.lowBits &* (0x7F &- last))
    }

    @inline(__always)
    private func zeroBytes(after byte: UInt64) -> UInt64 {
        let difference = self ^ (Self.lowBits &* byte)
        return (difference &- Self.lowBits) & ~difference
    }
}

extension RawSpan {
    @inline(__always)
    func hasByte(_ expected: UInt8, at offset: Int) -> Bool {
        offset < byteCount && byte(at: offset) == expected
    }

    @inline(__always)
    func hasByte(at offset: Int, where holds: (UInt8) -> Bool) -> Bool {
        offset < byteCount && holds(byte(at: offset))
    }

    /// Where the name ends that `start` is within or right behind: eight bytes at a time, for names are most of a text.
    @inline(__always)
    func endOfName(from start: Int) -> Int {
        var offset = start
        let lastWord = byteCount - 8
        while offset <= lastWord {
            let ends = word(at: offset).bytesEndingName
            if ends != 0 { return offset &+ ends.trailingZeroBitCount / 8 }
            offset &+= 8
        }
        while offset < byteCount, byte(at: offset).continuesName { offset += 1 }
        return offset
    }

    @inline(__always)
    func endOfDigits(from start: Int) -> Int {
        var offset = start
        while offset < byteCount, byte(at: offset).isDigit { offset += 1 }
        return offset
    }

    /// The width class of an integer literal without leading zeros.
    ///
    /// Nil for 2^31 and 2^63: with a sign before them they belong to the narrower type, alone among their class.
    func integerClass(_ digits: Range<Int>) -> Slot.Class? {
        // Nine digits always fit.
        guard digits.count > 9 else { return .int4 }
        guard digits.count < 20 else { return .wideInteger }
        var value: UInt64 = 0
        for offset in digits { value = value * 10 + UInt64(byte(at: offset) - UInt8(ascii: "0")) }
        switch value {
        case ...UInt64(Int32.max): return .int4
        case UInt64(Int32.max) + 1, UInt64(Int64.max) + 1: return nil
        case ...UInt64(Int64.max): return .int8
        default: return .wideInteger
        }
    }
}
