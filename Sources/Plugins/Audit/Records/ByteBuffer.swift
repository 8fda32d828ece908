/// Bytes that are put together piece by piece: to append is to copy them, once there is room.
@safe
struct ByteBuffer: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 512) {
        self.capacity = capacity
        unsafe start = UnsafeMutablePointer.allocate(capacity: capacity)
    }

    deinit { unsafe start.deallocate() }

    /// A copy.
    var array: [UInt8] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }

    /// The bytes from `offset` on.
    func withBytes<Result>(from offset: Int = 0, _ body: (RawSpan) throws -> Result) rethrows -> Result {
        precondition(0...count ~= offset, "nothing is read behind the end")
        return try body(unsafe UnsafeRawBufferPointer(start: start + offset, count: count - offset).bytes)
    }

    /// Forgets everything; what has become large is given back.
    mutating func removeAll(keeping most: Int) {
        count = 0
        guard capacity > most else { return }
        unsafe start.deallocate()
        capacity = most
        unsafe start = UnsafeMutablePointer.allocate(capacity: most)
    }

    /// Forgets what stands behind the first `length` bytes.
    mutating func truncate(to length: Int) { count = min(count, length) }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let size = max(2 * capacity, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        unsafe larger.update(from: start, count: count)
        unsafe start.deallocate()
        unsafe start = larger
        capacity = size
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe start[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length)
        unsafe (start + count).update(from: text.utf8Start, count: length)
        count += length
    }

    @inline(__always)
    mutating func append(_ bytes: [UInt8]) {
        reserve(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            unsafe (start + count).update(from: base, count: source.count)
        }
        count += bytes.count
    }

    mutating func append(text: String) { append(Array(text.utf8)) }

    mutating func append(decimal value: some BinaryInteger) {
        var rest = UInt64(value)
        var digits = 1
        var bound: UInt64 = 10
        // 10^20 is no UInt64.
        while digits < 20, rest >= bound {
            digits += 1
            bound = digits < 20 ? bound * 10 : bound
        }
        reserve(digits)
        count += digits
        // In a variable of its own: a byte that is stored might be one of the buffer's own fields, for all the compiler
        // knows, and these were loaded again each time.
        var place = unsafe start + count
        for _ in 0..<digits {
            unsafe place -= 1
            unsafe place.pointee = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    mutating func append(hexadecimal value: UInt64) {
        for shift in stride(from: 60, through: 0, by: -4) { append(Self.digit(UInt8(value >> UInt64(shift) & 15))) }
    }

    mutating func append(hexadecimal bytes: [UInt8]) {
        reserve(2 * bytes.count)
        var place = unsafe start + count
        for byte in bytes {
            unsafe place[0] = Self.digit(byte >> 4)
            unsafe place[1] = Self.digit(byte & 15)
            unsafe place += 2
        }
        count += 2 * bytes.count
    }

    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 { value &+ (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") &- 10) }
}
