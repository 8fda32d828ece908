/// Equal buffers that are handed out and taken back without asking the allocator each time.
///
/// Belongs to one reactor. An idle connection owns no buffer: whoever takes one gives it back as soon as it is empty.
@safe
public final class BufferFreeList {
    /// How many bytes each buffer has.
    public let bufferSize: Int
    private let capacity: Int
    private var free = unsafe [UnsafeMutableRawBufferPointer]()

    /// - Parameter capacity: how many unused buffers are kept; more than that go back to the allocator.
    init(bufferSize: Int, capacity: Int) {
        self.bufferSize = bufferSize
        self.capacity = capacity
    }

    deinit {
        while let buffer = unsafe free.popLast() { unsafe buffer.deallocate() }
    }

    /// How many unused buffers are kept at this moment.
    public var freeCount: Int { unsafe free.count }

    /// A buffer with whatever its last user left in it. Give it back exactly once.
    public func take() -> UnsafeMutableRawBufferPointer {
        if let buffer = unsafe free.popLast() { return unsafe buffer }
        return .allocate(byteCount: bufferSize, alignment: 64)
    }

    /// Takes a buffer back.
    public func give(_ buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count == bufferSize, "a buffer goes back to the list it came from")
        if unsafe free.count < capacity {
            unsafe free.append(buffer)
        } else {
            unsafe buffer.deallocate()
        }
    }
}
