import Testing

@testable import Engine

@Suite struct LeaseClocksTests {
    private static func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test func aStatementRunsFromItsFirstByteUntilAllIsAnswered() {
        var clocks = LeaseClocks()
        clocks.clientSpoke(at: Self.at(1))
        clocks.clientSpoke(at: Self.at(2))
        clocks.serverSpoke(at: Self.at(3), isBusy: true)
        #expect(clocks.busySince == Self.at(1))
        #expect(clocks.idleSince == nil)
        clocks.serverSpoke(at: Self.at(4), isBusy: false)
        #expect(clocks.busySince == nil)
        #expect(clocks.idleSince == Self.at(4))
    }

    @Test func aCancelIsForgottenWithItsStatement() {
        var clocks = LeaseClocks()
        clocks.clientSpoke(at: Self.at(1))
        clocks.cancelledAt = Self.at(2)
        clocks.serverSpoke(at: Self.at(3), isBusy: false)
        #expect(clocks.cancelledAt == nil)
    }

    @Test func nothingRunsWithoutALease() {
        var clocks = LeaseClocks()
        clocks.clientSpoke(at: Self.at(1))
        clocks.stop()
        #expect(clocks.busySince == nil && clocks.idleSince == nil)
    }
}
