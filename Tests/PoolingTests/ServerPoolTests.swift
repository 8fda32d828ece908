import Pooling
import Testing

@Suite("One reactor's part of a pool")
struct ServerPoolTests {
    // MARK: The order of preference

    @Test("gives out the connection that came back last")
    func lastInFirstOut() throws {
        var pool = ServerPool()
        let (first, second) = (try pool.openLeased(), try pool.openLeased())
        #expect(pool.give(first, at: seconds(1)) == .rest)
        #expect(pool.give(second, at: seconds(2)) == .rest)
        #expect(pool.take() == second)
        #expect(pool.take() == first)
        #expect(pool.take() == nil)
    }

    @Test("settles the connection whose session has been silent longest before it opens one")
    func revocableBeforeNew() throws {
        var pool = ServerPool(size: 3)
        let (first, second) = (try pool.openLeased(), try pool.openLeased())
        #expect(pool.becameRevocable(second, at: seconds(1)) == false)
        #expect(pool.becameRevocable(first, at: seconds(2)) == false)
        let waiter = pool.wait(at: seconds(3))
        #expect(pool.nextStep(at: seconds(3)) == .settle(second, for: waiter))
        #expect(pool.nextStep(at: seconds(3)) == nil)
        #expect(pool.waitingCount == 0)
    }

    @Test("lets a silent session have its connection again without a question")
    func resume() throws {
        var pool = ServerPool(size: 1)
        let server = try pool.openLeased()
        #expect(pool.becameRevocable(server, at: seconds(1)) == false)
        pool.resume(server)
        _ = pool.wait(at: seconds(2))
        #expect(pool.nextStep(at: seconds(2)) == nil)
        #expect(pool.becameRevocable(server, at: seconds(3)) == true)
    }

    @Test("asks no more for a pinned connection until it has been used again")
    func pinned() throws {
        var pool = ServerPool(size: 1)
        let server = try pool.openLeased()
        _ = pool.becameRevocable(server, at: seconds(1))
        let waiter = pool.wait(at: seconds(2))
        #expect(pool.nextStep(at: seconds(2)) == .settle(server, for: waiter))
        #expect(pool.pinned(server) == nil)
        let again = pool.waitAgain(since: seconds(2))
        #expect(pool.nextStep(at: seconds(2)) == nil)
        #expect(pool.becameRevocable(server, at: seconds(3)) == true)
        #expect(pool.nextStep(at: seconds(3)) == .settle(server, for: again))
    }

    // MARK: Waiting

    @Test("serves who came first, and keeps the place of one whose connection died")
    func fairness() throws {
        var pool = ServerPool(size: 1)
        let server = try pool.openLeased()
        let (first, second) = (pool.wait(at: seconds(1)), pool.wait(at: seconds(2)))
        #expect(pool.give(server, at: seconds(3)) == .serve(first))
        let again = pool.waitAgain(since: seconds(1))
        #expect(pool.eldestWaiter == again)
        #expect(pool.give(server, at: seconds(4)) == .serve(again))
        #expect(pool.give(server, at: seconds(5)) == .serve(second))
    }

    @Test("forgets a client that leaves")
    func leaving() throws {
        var pool = ServerPool(size: 1)
        let server = try pool.openLeased()
        let (first, second) = (pool.wait(at: seconds(1)), pool.wait(at: seconds(2)))
        pool.leave(first)
        #expect(pool.give(server, at: seconds(3)) == .serve(second))
        #expect(pool.give(server, at: seconds(3)) == .rest)
    }

    @Test("lets nobody wait longer than it may")
    func waitTime() throws {
        var pool = ServerPool(size: 1) { $0.waitTime = .seconds(2) }
        _ = try pool.openLeased()
        let (first, second) = (pool.wait(at: seconds(1)), pool.wait(at: seconds(2)))
        #expect(pool.tick(at: seconds(2.9)).timedOut == [])
        #expect(pool.tick(at: seconds(3)).timedOut == [first])
        #expect(pool.tick(at: seconds(4)).timedOut == [second])
        #expect(pool.waitingCount == 0)
    }

    // MARK: Size and reserve

    @Test("opens a connection for each who waits, up to its size")
    func size() {
        var pool = ServerPool(size: 2)
        for _ in 0..<3 { _ = pool.wait(at: seconds(0)) }
        let steps = [pool.nextStep(at: seconds(0)), pool.nextStep(at: seconds(0))]
        #expect(Set(steps).count == 2)
        #expect(!steps.contains(nil))
        #expect(pool.nextStep(at: seconds(0)) == nil)
    }

    @Test("opens its reserve for one who has waited long, and closes it when nobody waits")
    func reserve() throws {
        var pool = ServerPool(size: 1) {
            $0.reserve = 1
            $0.reserveAfter = .seconds(5)
        }
        let first = try pool.openLeased()
        let waiter = pool.wait(at: seconds(10))
        #expect(pool.nextStep(at: seconds(14.9)) == nil)
        guard case .open(let second) = pool.nextStep(at: seconds(15)) else { throw NotOpened() }
        #expect(pool.give(second, at: seconds(15)) == .serve(waiter))
        _ = pool.wait(at: seconds(15))
        #expect(pool.nextStep(at: seconds(30)) == nil)
        _ = pool.give(first, at: seconds(31))
        #expect(pool.give(second, at: seconds(31)) == .close)
        _ = pool.closed(second)
        #expect(pool.give(first, at: seconds(31)) == .rest)
    }

    @Test("opens another in place of one that has been closed")
    func replacement() throws {
        var pool = ServerPool(size: 1)
        let server = try pool.openLeased()
        _ = pool.wait(at: seconds(1))
        #expect(pool.nextStep(at: seconds(1)) == nil)
        _ = pool.closed(server)
        guard case .open = pool.nextStep(at: seconds(1)) else { throw NotOpened() }
    }

    // MARK: The upstream says no

    @Test("tells everybody who waits when the upstream is not there")
    func refused() throws {
        var pool = ServerPool(size: 2)
        let waiters = [pool.wait(at: seconds(0)), pool.wait(at: seconds(0))]
        guard case .open(let first) = pool.nextStep(at: seconds(0)),
            case .open(let second) = pool.nextStep(at: seconds(0))
        else { throw NotOpened() }
        #expect(pool.openFailed(first, isFull: false, at: seconds(1)).refused == waiters)
        #expect(pool.openFailed(second, isFull: false, at: seconds(1)).refused == [])
        _ = pool.wait(at: seconds(2))
        guard case .open = pool.nextStep(at: seconds(2)) else { throw NotOpened() }
    }

    @Test(
        "has clients wait for the connections there are when the upstream takes no more, and tries again a second later"
    )
    func upstreamIsFull() throws {
        var pool = ServerPool(size: 3)
        let server = try pool.openLeased()
        let waiter = pool.wait(at: seconds(1))
        guard case .open(let second) = pool.nextStep(at: seconds(1)) else { throw NotOpened() }
        #expect(pool.openFailed(second, isFull: true, at: seconds(1)).refused == [])
        #expect(pool.nextStep(at: seconds(1.9)) == nil)
        guard case .open = pool.nextStep(at: seconds(2)) else { throw NotOpened() }
        #expect(pool.give(server, at: seconds(2)) == .serve(waiter))
    }

    @Test("passes the upstream's refusal on where there is no connection to wait for")
    func upstreamIsFullFromTheStart() throws {
        var pool = ServerPool(size: 3)
        let waiter = pool.wait(at: seconds(1))
        guard case .open(let server) = pool.nextStep(at: seconds(1)) else { throw NotOpened() }
        #expect(pool.openFailed(server, isFull: true, at: seconds(1)).refused == [waiter])
    }

    // MARK: Age

    @Test("closes a connection that is given back after its lifetime, and one that passes it while it is free")
    func lifetime() throws {
        var pool = ServerPool(size: 2) {
            $0.lifetime = .seconds(100)
            $0.idleTime = nil
        }
        let (first, second) = (try pool.openLeased(), try pool.openLeased())
        #expect(pool.give(first, at: seconds(99)) == .rest)
        #expect(pool.tick(at: seconds(99)).close == [])
        #expect(pool.give(second, at: seconds(100)) == .close)
        _ = pool.closed(second)
        #expect(pool.tick(at: seconds(100)).close == [first])
        _ = pool.closed(first)
        #expect(pool.isUnused)
    }

    @Test("closes connections that nobody needs, those first that came back first, and keeps the minimum")
    func idleTime() throws {
        var pool = ServerPool(size: 3) {
            $0.idleTime = .seconds(10)
            $0.minimum = 1
        }
        let servers = [try pool.openLeased(), try pool.openLeased(), try pool.openLeased()]
        for (index, server) in servers.enumerated() { #expect(pool.give(server, at: seconds(Double(index))) == .rest) }
        #expect(pool.tick(at: seconds(9.9)).close == [])
        #expect(pool.tick(at: seconds(20)).close == [servers[0], servers[1]])
        #expect(pool.take() == servers[2])
    }

    @Test("keeps the minimum open once it has been used")
    func minimum() throws {
        var pool = ServerPool(size: 3) { $0.minimum = 2 }
        let server = try pool.openLeased()
        #expect(pool.give(server, at: seconds(1)) == .rest)
        let due = pool.tick(at: seconds(2))
        #expect(due.open.count == 1)
        #expect(pool.give(try #require(due.open.first), at: seconds(2)) == .rest)
        let nothing = pool.tick(at: seconds(4))
        #expect(nothing.isEmpty)
    }

    @Test("settles a connection whose session stays silent")
    func silence() throws {
        var pool = ServerPool(size: 2)
        let server = try pool.openLeased()
        _ = pool.becameRevocable(server, at: seconds(1))
        #expect(pool.tick(at: seconds(1.9)).settle == [])
        #expect(pool.tick(at: seconds(3)).settle == [server])
        #expect(pool.give(server, at: seconds(3)) == .rest)
    }

    @Test("closes what is given back once it is going down")
    func closing() throws {
        var pool = ServerPool(size: 2)
        let (first, second) = (try pool.openLeased(), try pool.openLeased())
        _ = pool.give(first, at: seconds(1))
        pool.isClosing = true
        #expect(pool.freeServers == [first])
        #expect(pool.give(second, at: seconds(1)) == .close)
    }
}
