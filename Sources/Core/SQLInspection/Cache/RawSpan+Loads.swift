/// Loads for the lexer, the hash and the comparison: bounds are checked, alignment does not matter.
extension RawSpan {
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// Eight bytes as one little-endian word.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Whether `self[range]` and `other[otherStart...]` hold the same bytes.
    @inline(__always)
    func holdsSameBytes(_ range: Range<Int>, as other: RawSpan, at otherStart: Int) -> Bool {
        var offset = range.lowerBound
        var otherOffset = otherStart
        while offset + 8 <= range.upperBound {
            if word(at: offset) != other.word(at: otherOffset) { return false }
            offset += 8
            otherOffset += 8
        }
        while offset < range.upperBound {
            if byte(at: offset) != other.byte(at: otherOffset) { return false }
            offset += 1
            otherOffset += 1
        }
        return true
    }
}
