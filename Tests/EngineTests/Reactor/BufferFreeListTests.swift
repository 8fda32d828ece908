import Testing

@testable import Engine

@Suite struct BufferFreeListTests {
    @Test func aBufferGivenBackIsHandedOutAgain() {
        let list = BufferFreeList(bufferSize: 64, capacity: 2)
        let first = unsafe list.take()
        let second = unsafe list.take()
        unsafe #expect(first.baseAddress != second.baseAddress)
        unsafe list.give(first)
        #expect(list.freeCount == 1)
        let again = unsafe list.take()
        unsafe #expect(again.baseAddress == first.baseAddress)
        unsafe list.give(again)
        unsafe list.give(second)
        #expect(list.freeCount == 2)
    }

    @Test func noMoreThanTheCapacityIsKept() {
        let list = BufferFreeList(bufferSize: 64, capacity: 2)
        let (first, second, third) = unsafe (list.take(), list.take(), list.take())
        unsafe list.give(first)
        unsafe list.give(second)
        unsafe list.give(third)
        #expect(list.freeCount == 2)
    }
}
