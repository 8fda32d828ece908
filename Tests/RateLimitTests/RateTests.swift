import PluginAPI
import PluginTestKit
import Testing

@testable import RateLimit

@Suite("Rates")
struct RateTests {
    private static let perUser = """
        [[limit]]
        name = "statements"
        per = "user"
        rate = "10/second"
        burst = 3
        """

    @Test("let a burst pass, then one at a time, and say when to try again")
    func burst() throws {
        let sessions = try Sessions(Self.perUser)
        #expect((0..<3).map { _ in sessions.admit(at: 0) } == ["ok", "ok", "ok"])
        #expect(sessions.admit(at: 0) == "53400 Try again in 0.1 seconds.")
        #expect(sessions.admit(at: 31) == "53400 Try again in 0.07 seconds.")
        #expect(sessions.admit(at: 99) == "53400 Try again in 0.01 seconds.")
        #expect(sessions.admit(at: 100) == "ok")
        #expect(sessions.admit(at: 100).hasPrefix("53400"))
        #expect((0..<4).map { _ in sessions.admit(at: 60_000) }.count { $0 == "ok" } == 3, "it is never more than full")
    }

    @Test(
        "admit rate × time plus burst of four times as much, whatever the rate",
        arguments: [(1, 1), (3, 7), (50, 50), (333, 10), (777, 1000), (777, 5)] as [(Int, Int)]
    )
    func exact(rate: Int, burst: Int) throws {
        let sessions = try Sessions(
            "[[limit]]\nname = \"a\"\nper = \"user\"\nrate = \"\(rate)/second\"\nburst = \(burst)"
        )
        var admitted = 0
        let seconds = 10
        for number in 0..<4 * seconds * rate {
            let time = Sessions.start + UInt64(number) * 1_000_000_000 / UInt64(4 * rate)
            if case .forwarded = sessions.harness.admit("SELECT 1", at: time) { admitted += 1 }
        }
        #expect(admitted <= seconds * rate + burst)
        #expect(admitted >= seconds * rate + burst - 1 - seconds * rate / 1000)
    }

    @Test("are exact over threads that take from one bucket at once")
    func threads() async throws {
        let bucket = TokenBucket()
        let rate = try #require(Rate(amount: 1000, period: 1, burst: 500))
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<20_000).count { bucket.take(1, rate, at: UInt64($0) * 50_000, latest: 0) == .now }
                }
            }
            return await group.reduce(0, +)
        }
        // A second of each thread's own time, and no thread's clock is ahead of the last one's end.
        #expect(admitted <= 1500 && admitted >= 1498)
    }

    @Test("count each user alone, each database, each address; IPv6 by its network")
    func shares() throws {
        let sessions = try Sessions(
            Self.perUser.replacing("\"user\"", with: "[\"user\", \"address\"]"),
            address: "10.0.0.1"
        )
        for _ in 0..<3 { #expect(sessions.admit(at: 0) == "ok") }
        #expect(try sessions.beside(address: "10.0.0.1").admit(at: 0).hasPrefix("53400"), "on another reactor too")
        #expect(try sessions.beside(user: "other", address: "10.0.0.1").admit(at: 0) == "ok")
        let one = try sessions.beside(address: "2001:db8::1")
        for _ in 0..<3 { #expect(one.admit(at: 0) == "ok") }
        #expect(try sessions.beside(address: "2001:db8::ffff:2").admit(at: 0).hasPrefix("53400"))
        #expect(try sessions.beside(address: "2001:db8:0:1::1").admit(at: 0) == "ok")
    }

    @Test("hold for whom they are for")
    func scope() throws {
        let sessions = try Sessions(
            Self.perUser + "\nusers = [\"pg\"]\naddresses = [\"10.0.0.0/8\"]\napplications = [\"etl\"]",
            address: "10.1.1.1",
            application: "etl"
        )
        for _ in 0..<3 { #expect(sessions.admit(at: 0) == "ok") }
        #expect(sessions.admit(at: 0).hasPrefix("53400"))
        #expect(try sessions.beside(address: "10.1.1.1", application: "other").admit(at: 0) == "ok")
        #expect(try sessions.beside(address: "11.1.1.1", application: "etl").admit(at: 0) == "ok")
        #expect(try sessions.beside(user: "a", address: "10.1.1.1", application: "etl").admit(at: 0) == "ok")
    }

    @Test("count every statement of a Query, and what is refused or cannot be read")
    func refused() throws {
        let sessions = try Sessions(Self.perUser)
        #expect(sessions.admit("SELECT 1; SELECT 2", at: 0) == "ok")
        #expect(sessions.admit("SELECT 1; SELECT 2", at: 0).hasPrefix("53400"))
        #expect(sessions.admit("SELECT forbidden()", at: 0) == "42501 Do not.")
        #expect(sessions.admit("SELECT forbidden()", at: 0) == "53400 Try again in 0.1 seconds.")
        #expect(sessions.admit("SELEC", at: 100).hasPrefix("42601"))
        #expect(sessions.admit("SELEC", at: 100).hasPrefix("53400"))
        #expect(
            sessions.admit("SELECT 1; SELECT 2; SELECT 3; SELECT 4", at: 60_000).contains("raise the limit's `burst`")
        )
    }

    @Test("take nothing by one limit from what another refuses")
    func several() throws {
        let sessions = try Sessions(
            """
            [[limit]]
            name = "all"
            rate = "1/minute"
            burst = 2
            [[limit]]
            name = "calls"
            count = "calls"
            functions = ["pgml.*"]
            rate = "1/minute"
            """
        )
        #expect(sessions.admit("SELECT pgml.embed('m', 'a')", at: 0) == "ok")
        #expect(sessions.admit("SELECT pgml.embed('m', 'a')", at: 0) == "53400 Try again in 60 seconds.")
        #expect(sessions.admit("SELECT 1", at: 0) == "ok")
        #expect(sessions.admit("SELECT 1", at: 0).hasPrefix("53400"))
    }

    @Test("make wait in turn up to a bound, but nobody who keeps a server connection")
    func wait() throws {
        let sessions = try Sessions(Self.perUser + "\non_limit = \"wait\"\nwait_at_most = \"250ms\"")
        for _ in 0..<3 { #expect(sessions.admit(at: 0) == "ok") }
        #expect(sessions.admit(holdsServer: true, at: 0) == "53400 Try again in 0.1 seconds.")
        #expect(sessions.admit("SELECT forbidden()", at: 0).hasPrefix("53400"), "what is refused does not wait")
        #expect(sessions.admit(at: 0) == "at 100")
        #expect(sessions.admit(at: 0) == "at 200")
        #expect(sessions.admit(at: 0) == "53400 Try again in 0.3 seconds.")
        #expect(sessions.admit(at: 50) == "at 300")
    }

    @Test("forget whoever has been silent, and bound what they remember")
    func memory() throws {
        let table = BucketTable<TokenBucket>()
        let rate = try #require(Rate(amount: 1, period: 1, burst: 1))
        func key(_ number: Int) -> [UInt8] { Array("\(number)".utf8) }
        let kept = table.bucket(of: key(-1), at: 0)
        for number in 0..<300_000 {
            let now = UInt64(number) * 1_000_000
            #expect(table.bucket(of: key(number), at: now).take(1, rate, at: now, latest: now) == .now)
        }
        #expect(table.count < 5000, "a thousand of them are not full at any time")
        #expect(table.bucket(of: key(-1), at: 0) === kept, "what somebody refers to is not forgotten")
        let busy = BucketTable<TokenBucket>()
        for number in 0..<BucketTable<TokenBucket>.maximum {
            _ = busy.bucket(of: key(number), at: 0).take(1, rate, at: 0, latest: 0)
        }
        #expect(busy.bucket(of: key(-1), at: 0) === busy.bucket(of: key(-2), at: 0), "newcomers share one")
        #expect(busy.count == BucketTable<TokenBucket>.maximum)
    }
}
