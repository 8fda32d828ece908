import Pooling
import Testing

@Suite("The pool of idle server connections")
struct ServerPoolTests {
    private final class Connection {}

    private static func pool(capacity: Int = 10) -> ServerPool<String, Connection, Int> {
        ServerPool(capacity: capacity)
    }

    @Test("gives out the connection that came back last")
    func lastInFirstOut() {
        var pool = Self.pool()
        let (first, second) = (Connection(), Connection())
        let isKept1 = pool.put("a", first, expiry: 10)
        #expect(isKept1)
        let isKept2 = pool.put("a", second, expiry: 10)
        #expect(isKept2)
        let taken10 = pool.take("a")
        #expect(taken10 === second)
        let taken11 = pool.take("a")
        #expect(taken11 === first)
        let taken12 = pool.take("a")
        #expect(taken12 == nil)
    }

    @Test("never gives a connection to a session that it was not made for")
    func keys() {
        var pool = Self.pool()
        let isKept3 = pool.put("a", Connection(), expiry: 10)
        #expect(isKept3)
        let taken13 = pool.take("b")
        #expect(taken13 == nil)
        #expect(pool.count == 1)
    }

    @Test("takes no more than it has room for, over all keys")
    func capacity() {
        var pool = Self.pool(capacity: 1)
        let isKept4 = pool.put("a", Connection(), expiry: 10)
        #expect(isKept4)
        let isKept5 = pool.put("b", Connection(), expiry: 10)
        #expect(!isKept5)
        let taken14 = pool.take("a")
        #expect(taken14 != nil)
        let isKept6 = pool.put("b", Connection(), expiry: 10)
        #expect(isKept6)
    }

    @Test("lets go of connections whose time has come, and of no others")
    func expiry() {
        var pool = Self.pool()
        let (early, late) = (Connection(), Connection())
        let isKept7 = pool.put("a", early, expiry: 5)
        #expect(isKept7)
        let isKept8 = pool.put("a", late, expiry: 6)
        #expect(isKept8)
        let expired = pool.expire(at: 5)
        #expect(expired.count == 1)
        #expect(expired.first === early)
        let taken15 = pool.take("a")
        #expect(taken15 === late)
        #expect(pool.count == 0)
    }

    @Test("forgets a connection that has ended by itself")
    func removal() {
        var pool = Self.pool()
        let connection = Connection()
        let isKept9 = pool.put("a", connection, expiry: 10)
        #expect(isKept9)
        pool.remove("a", connection)
        pool.remove("a", Connection())
        let taken16 = pool.take("a")
        #expect(taken16 == nil)
        #expect(pool.count == 0)
    }

    @Test("can be emptied")
    func drain() {
        var pool = Self.pool()
        for key in ["a", "b", "b"] {
            let isKept = pool.put(key, Connection(), expiry: 10)
            #expect(isKept)
        }
        let drained = pool.drain()
        #expect(drained.count == 3)
        #expect(pool.count == 0)
    }
}
