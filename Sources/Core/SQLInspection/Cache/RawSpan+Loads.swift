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
        let own = extracting(range)
        let other = other.extracting(otherStart..<otherStart + range.count)
        let count = own.byteCount
        guard count >= 8 else {
            for offset in 0..<count where own.byte(at: offset) != other.byte(at: offset) { return false }
            return true
        }
        var offset = 0
        while offset + 8 <= count {
            if own.word(at: offset) != other.word(at: offset) { return false }
            offset += 8
        }
        // The rest in one comparison, with some bytes before it once more.
        return own.word(at: count - 8) == other.word(at: count - 8)
    }
}
