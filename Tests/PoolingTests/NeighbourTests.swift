import Pooling
import Testing

@Suite("Two reactors' parts of one pool")
struct NeighbourTests {
    var here: ServerPool
    var there: ServerPool

    init() {
        let share = PoolShare(reactors: 2)
        let limits = PoolLimits(size: 1)
        here = ServerPool(reactor: 0, share: share, limits: limits)
        there = ServerPool(reactor: 1, share: share, limits: limits)
    }

    /// A connection that is here and leased.
    private mutating func openHere() throws -> PooledServer { try here.openLeased() }

    @Test("share one size")
    mutating func size() throws {
        _ = try openHere()
        _ = there.wait(at: seconds(1))
        #expect(there.nextStep(at: seconds(1)) == .ask([0]))
        #expect(here.asked(by: 1) == .decline)
        there.declined(nil)
        #expect(there.nextStep(at: seconds(1)) == nil)
    }

    @Test("keep the minimum, though both look at the same moment")
    mutating func minimum() throws {
        let share = PoolShare(reactors: 2)
        var limits = PoolLimits(size: 2)
        limits.minimum = 1
        limits.idleTime = .seconds(10)
        here = ServerPool(reactor: 0, share: share, limits: limits)
        there = ServerPool(reactor: 1, share: share, limits: limits)
        let own = try here.openLeased()
        let waiter = there.wait(at: seconds(0))
        #expect(there.nextStep(at: seconds(0)) == .ask([0]))
        there.declined(nil)
        guard case .open(let other) = there.nextStep(at: seconds(0)) else { throw NotOpened() }
        #expect(there.give(other, at: seconds(0)) == .serve(waiter))
        #expect(here.give(own, at: seconds(1)) == .rest)
        #expect(there.give(other, at: seconds(1)) == .rest)
        #expect(here.tick(at: seconds(12)).close == [own])
        // It has not been closed yet.
        #expect(there.tick(at: seconds(12)).isEmpty)
        _ = here.closed(own)
        #expect(there.tick(at: seconds(14)).isEmpty)
        #expect(there.take() == other)
    }

    @Test("hand over a connection that the other has no use for")
    mutating func handover() throws {
        let server = try openHere()
        _ = here.give(server, at: seconds(1))
        let waiter = there.wait(at: seconds(2))
        #expect(there.nextStep(at: seconds(2)) == .ask([0]))
        guard case .handOver(server, let promise) = here.asked(by: 1) else { throw NotOpened() }
        #expect(here.take() == nil)
        let arrived = there.arrived(here.departed(server), promise, at: seconds(2))
        #expect(there.give(arrived, at: seconds(2)) == .serve(waiter))
        #expect(here.isUnused)
    }

    @Test("hand over a connection that is given back, once nobody waits where it is")
    mutating func wishes() throws {
        let server = try openHere()
        _ = there.wait(at: seconds(2))
        _ = there.nextStep(at: seconds(2))
        there.declined(nil)
        _ = there.nextStep(at: seconds(2))
        guard case .handOver(let promise) = here.give(server, at: seconds(3)) else { throw NotOpened() }
        #expect(promise.reactor == 1)
    }

    @Test(
        "keep a connection for a client of their own, unless another's has waited clearly longer",
        arguments: [(0.001, false), (0.002, false), (0.003, true)]
    )
    mutating func precedence(_ difference: Double, _ isHandedOver: Bool) throws {
        let server = try openHere()
        _ = there.wait(at: seconds(1))
        _ = there.nextStep(at: seconds(1))
        there.declined(nil)
        _ = there.nextStep(at: seconds(1))
        let waiter = here.wait(at: seconds(1 + difference))
        let fate = here.give(server, at: seconds(2))
        #expect((fate == .serve(waiter)) == !isHandedOver)
    }

    @Test("settle a connection for each other")
    mutating func settling() throws {
        let server = try openHere()
        _ = here.becameRevocable(server, at: seconds(1))
        _ = there.wait(at: seconds(2))
        _ = there.nextStep(at: seconds(2))
        #expect(here.asked(by: 1) == .settle(server))
        guard case .handOver = here.give(server, at: seconds(2)) else { throw NotOpened() }
    }

    @Test("tell each other when a promised connection is pinned")
    mutating func pinned() throws {
        let server = try openHere()
        _ = here.becameRevocable(server, at: seconds(1))
        _ = there.wait(at: seconds(2))
        _ = there.nextStep(at: seconds(2))
        _ = here.asked(by: 1)
        let promise = here.pinned(server)
        there.declined(promise)
        #expect(promise?.reactor == 1)
        #expect(there.nextStep(at: seconds(2)) == .ask([0]))
    }

    @Test("open a connection where it is missed when the other closes one")
    mutating func closing() throws {
        let server = try openHere()
        _ = there.wait(at: seconds(2))
        _ = there.nextStep(at: seconds(2))
        there.declined(nil)
        _ = there.nextStep(at: seconds(2))
        #expect(here.closed(server).mayOpen == 1)
        guard case .open = there.nextStep(at: seconds(3)) else { throw NotOpened() }
    }

    @Test("want nothing any more when nobody waits any more")
    mutating func withdrawal() throws {
        let server = try openHere()
        let waiter = there.wait(at: seconds(2))
        _ = there.nextStep(at: seconds(2))
        there.declined(nil)
        _ = there.nextStep(at: seconds(2))
        there.leave(waiter)
        #expect(here.give(server, at: seconds(3)) == .rest)
    }
}
