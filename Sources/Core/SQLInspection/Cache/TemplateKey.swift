/// What a template is found by: the text around its literals, byte for byte, with one byte for each literal's class.
///
/// With no slots it is the text itself. Nothing here builds the key of a text that is only looked up: hash and
/// comparison walk over the text's own bytes.
enum TemplateKey {
    static func hash(_ text: RawSpan, _ slots: [Slot], key: UInt64) -> UInt64 {
        var hash = KeyHash(key: key)
        var offset = 0
        for slot in slots {
            hash.mix(text, offset..<slot.start)
            hash.mix(UInt64(slot.kind.rawValue))
            offset = slot.end
        }
        hash.mix(text, offset..<text.byteCount)
        return hash.value
    }

    static func byteCount(_ text: RawSpan, _ slots: [Slot]) -> Int {
        var count = text.byteCount
        for slot in slots { count -= slot.end - slot.start - 1 }
        return count
    }

    static func bytes(_ text: RawSpan, _ slots: [Slot]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount(text, slots))
        var offset = 0
        for slot in slots {
            bytes.append(text, offset..<slot.start)
            bytes.append(slot.kind.rawValue)
            offset = slot.end
        }
        bytes.append(text, offset..<text.byteCount)
        return bytes
    }

    /// Whether `bytes(text, slots)` would be `key`.
    static func matches(_ key: RawSpan, _ text: RawSpan, _ slots: [Slot]) -> Bool {
        guard key.byteCount == byteCount(text, slots) else { return false }
        var offset = 0
        var position = 0
        for slot in slots {
            guard text.holdsSameBytes(offset..<slot.start, as: key, at: position) else { return false }
            position += slot.start - offset
            guard key.byte(at: position) == slot.kind.rawValue else { return false }
            position += 1
            offset = slot.end
        }
        return text.holdsSameBytes(offset..<text.byteCount, as: key, at: position)
    }
}

extension [UInt8] {
    /// Appends `bytes[range]`.
    mutating func append(_ bytes: RawSpan, _ range: Range<Int>) {
        for offset in range { append(bytes.byte(at: offset)) }
    }
}
