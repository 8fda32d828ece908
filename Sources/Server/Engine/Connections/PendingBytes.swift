/// Bytes that could not be sent at once, or that wait for the rest of their message. Empty, it owns no memory.
struct PendingBytes {
    private var bytes: [UInt8] = []
    private var start = 0

    var isEmpty: Bool { start == bytes.count }
    var count: Int { bytes.count - start }

    mutating func append(_ more: RawSpan) {
        guard more.byteCount > 0 else { return }
        unsafe more.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// Forgets the first `count` bytes.
    mutating func removeFirst(_ count: Int) {
        start += count
        if isEmpty {
            bytes = []
            start = 0
        } else if start > 65_536, start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
    }

    /// Shows the bytes to `body`.
    func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        unsafe body(bytes.span.bytes.extracting(start..<bytes.count))
    }
}
