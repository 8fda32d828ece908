/// What every message is written with.
extension Array where Element == UInt8 {
    /// Appends a big-endian 32-bit integer.
    @inlinable
    public mutating func append(int32 value: Int32) {
        append(UInt8(truncatingIfNeeded: value >> 24))
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    /// Appends a big-endian 16-bit integer.
    @inlinable
    public mutating func append(int16 value: Int16) {
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    /// Appends the string and a terminating NUL. The string must not hold a NUL itself.
    public mutating func append(cString value: String) {
        append(contentsOf: value.utf8)
        append(0)
    }

    /// Sets the 32-bit length field at `offset` to the bytes from there to the end.
    mutating func patchLength(at offset: Int) {
        let length = UInt32(count - offset)
        self[offset] = UInt8(truncatingIfNeeded: length >> 24)
        self[offset + 1] = UInt8(truncatingIfNeeded: length >> 16)
        self[offset + 2] = UInt8(truncatingIfNeeded: length >> 8)
        self[offset + 3] = UInt8(truncatingIfNeeded: length)
    }

    /// Appends a message: tag, length, and what `body` appends.
    public mutating func appendMessage(_ tag: UInt8, body: (inout [UInt8]) -> Void) {
        append(tag)
        let start = count
        append(int32: 0)
        body(&self)
        patchLength(at: start)
    }
}
