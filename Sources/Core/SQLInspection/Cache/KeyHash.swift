/// A keyed hash over bytes, 8 at a time: a wide multiplication folded onto itself for each word.
///
/// The key is random per process, so that nobody outside can prepare texts whose hashes collide. Still no answer ever
/// rests on the hash alone: whoever looks up compares all bytes.
struct KeyHash {
    private var state: UInt64
    private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let closing: UInt64 = 0xD6E8_FEB8_6659_FD93

    init(key: UInt64) { state = key }

    @inline(__always)
    mutating func mix(_ word: UInt64) {
        state = Self.fold(state ^ word, Self.multiplier ^ (state >> 32))
    }

    /// Mixes in `bytes[range]` and its length.
    @inline(__always)
    mutating func mix(_ bytes: RawSpan, _ range: Range<Int>) {
        let bytes = bytes.extracting(range)
        let count = bytes.byteCount
        var offset = 0
        while offset + 8 <= count {
            mix(bytes.word(at: offset))
            offset += 8
        }
        var tail: UInt64 = 0
        if count >= 8 {
            // The rest in one load, with some bytes before it once more.
            tail = offset < count ? bytes.word(at: count - 8) : 0
        } else {
            while offset < count {
                tail = tail << 8 | UInt64(bytes.byte(at: offset))
                offset += 1
            }
        }
        mix(tail)
        mix(UInt64(truncatingIfNeeded: count))
    }

    /// Never 0, which tables use for "empty".
    var value: UInt64 { Self.fold(state ^ Self.closing, Self.multiplier) | 1 }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
