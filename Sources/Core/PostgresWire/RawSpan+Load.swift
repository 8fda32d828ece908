/// Reads that cannot leave the span: every message is decoded through these.
extension RawSpan {
    /// The byte at `offset`. Out of range is our own mistake and traps.
    @inlinable @inline(__always)
    public func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// A big-endian 32-bit integer, as every number in the protocol is.
    @inlinable @inline(__always)
    public func int32(at offset: Int) -> Int32 {
        Int32(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self))
    }

    /// A big-endian 16-bit integer.
    @inlinable @inline(__always)
    public func int16(at offset: Int) -> Int16 {
        Int16(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Int16.self))
    }

    /// The offset of the first NUL byte at or after `offset`, nil when there is none.
    public func firstNull(from offset: Int) -> Int? {
        var index = offset
        let lastWord = byteCount - 8
        while index <= lastWord {
            let nulls = nulls(inWordAt: index)
            if nulls != 0 { return index + nulls.trailingZeroBitCount / 8 }
            index &+= 8
        }
        if index < byteCount, lastWord >= offset {
            // The rest in one load, with some bytes before it once more, none of which is 0.
            let nulls = nulls(inWordAt: lastWord)
            return nulls == 0 ? nil : lastWord + nulls.trailingZeroBitCount / 8
        }
        while index < byteCount {
            if byte(at: index) == 0 { return index }
            index += 1
        }
        return nil
    }

    /// The high bit of each of eight bytes that is 0; exact up to the first. Such a byte borrows when 1 is taken from it,
    /// and had no high bit itself.
    @inline(__always)
    private func nulls(inWordAt offset: Int) -> UInt64 {
        let word = UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        return (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    /// The bytes of `range` read as UTF-8; what is not valid becomes U+FFFD.
    public func string(_ range: Range<Int>) -> String {
        let part = extracting(range)
        return unsafe part.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// A copy of the bytes of `range`.
    public func array(_ range: Range<Int>) -> [UInt8] {
        let part = extracting(range)
        return unsafe part.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
