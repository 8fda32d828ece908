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
        #expect(pool.put("a", first, expiry: 10))
        #expect(pool.put("a", second, expiry: 10))
        #expect(pool.take("a") === second)
        #expect(pool.take("a") === first)
        #expect(pool.take("a") == nil)
    }

    @Test("never gives a connection to a session that it was not made for")
    func keys() {
        var pool = Self.pool()
        #expect(pool.put("a", Connection(), expiry: 10))
        #expect(pool.take("b") == nil)
        #expect(pool.count == 1)
    }

    @Test("takes no more than it has room for, over all keys")
    func capacity() {
        var pool = Self.pool(capacity: 1)
        #expect(pool.put("a", Connection(), expiry: 10))
        #expect(!pool.put("b", Connection(), expiry: 10))
        #expect(pool.take("a") != nil)
        #expect(pool.put("b", Connection(), expiry: 10))
    }

    @Test("lets go of connections whose time has come, and of no others")
    func expiry() {
        var pool = Self.pool()
        let (early, late) = (Connection(), Connection())
        #expect(pool.put("a", early, expiry: 5))
        #expect(pool.put("a", late, expiry: 6))
        let expired = pool.expire(at: 5)
        #expect(expired.count == 1)
        #expect(expired.first === early)
        #expect(pool.take("a") === late)
        #expect(pool.count == 0)
    }

    @Test("forgets a connection that has ended by itself")
    func removal() {
        var pool = Self.pool()
        let connection = Connection()
        #expect(pool.put("a", connection, expiry: 10))
        pool.remove("a", connection)
        pool.remove("a", Connection())
        #expect(pool.take("a") == nil)
        #expect(pool.count == 0)
    }

    @Test("can be emptied")
    func drain() {
        var pool = Self.pool()
        for key in ["a", "b", "b"] { #expect(pool.put(key, Connection(), expiry: 10)) }
        #expect(pool.drain().count == 3)
        #expect(pool.count == 0)
    }
}
