import PluginAPI
import PluginTestKit
import Testing

@testable import RateLimit

@Suite("A reload")
struct ReloadTests {
    private static let rate = """
        [[limit]]
        name = "calls"
        per = "user"
        count = "calls"
        functions = ["pgml.embed"]
        rate = "3/minute"
        """
    private static let one = "[[limit]]\nname = \"one\"\nconcurrent = 1"
    private static let waiting = one + "\non_limit = \"wait\"\nwait_at_most = \"2s\""

    private static func call(_ sessions: Sessions, at time: UInt64 = 0) -> Bool {
        sessions.admit("SELECT pgml.embed('m', 'a')", at: time) == "ok"
    }

    @Test("gives nobody a burst anew, however often")
    func rates() throws {
        var sessions = try Sessions(Self.rate)
        var admitted = 0
        for _ in 0..<5 {
            for _ in 0..<2 where Self.call(sessions) { admitted += 1 }
            sessions = try sessions.reloaded(Self.rate)
        }
        #expect(admitted == 3)
        #expect(Self.call(sessions, at: 20_000), "what is filled meanwhile is there")
        #expect(!Self.call(sessions, at: 20_000))
    }

    @Test(
        "keeps what is owed when other things change",
        arguments: [
            "users = [\"pg\"]", "on_limit = \"wait\"\nwait_at_most = \"1s\"",
            "[[limit]]\nname = \"b\"\nrate = \"9/hour\"",
        ]
    )
    func unchanged(addition: String) throws {
        let sessions = try Sessions(Self.rate)
        for _ in 0..<3 { #expect(Self.call(sessions)) }
        #expect(try !Self.call(sessions.reloaded(Self.rate + "\n" + addition)))
    }

    @Test(
        "begins a limit that is another one with a full bucket",
        arguments: [
            ("\"calls\"\nper", "\"others\"\nper"), ("\"user\"", "\"all\""), ("3/minute", "4/minute"), ("embed", "*"),
        ]
    )
    func changed(from: String, to: String) throws {
        let sessions = try Sessions(Self.rate)
        for _ in 0..<3 { #expect(Self.call(sessions)) }
        let (before, after) = try #require(Self.split(Self.rate, at: from))
        #expect(try Self.call(sessions.reloaded(before + to + after)))
    }

    private static func split(_ text: String, at part: String) -> (String, String)? {
        for index in text.indices where text[index...].hasPrefix(part) {
            return (String(text[..<index]), String(text[index...].dropFirst(part.count)))
        }
        return nil
    }

    @Test("gives nobody's place to another, and what has ended frees its own, also when there may be more")
    func places() throws {
        let before = try Sessions(Self.one)
        #expect(before.admit(session: 1, at: 0) == "ok")
        let after = try before.reloaded(Self.one)
        #expect(after.admit(session: 2, at: 0).hasPrefix("53400"))
        let two = try after.reloaded("[[limit]]\nname = \"one\"\nconcurrent = 2")
        #expect(two.admit(session: 2, at: 0) == "ok")
        #expect(two.admit(session: 3, at: 0).hasPrefix("53400"))
        before.harness.release(session: 1)
        #expect(two.admit(session: 3, at: 0) == "ok")
    }

    @Test("leaves those in one queue that wait before it and after it")
    func waiters() throws {
        let before = try Sessions(Self.waiting)
        #expect(before.admit(session: 1, at: 0) == "ok")
        let first = before.harness.admit("SELECT 1", session: 2, at: Sessions.time(0))
        let after = try before.reloaded(Self.waiting)
        let second = after.harness.admit("SELECT 1", session: 3, at: Sessions.time(0))
        guard case .pending(let former) = first, case .pending(let latter) = second else {
            Issue.record("both wait")
            return
        }
        before.harness.release(session: 1)
        #expect(!former.isAwaited && latter.isAwaited)
        before.harness.release(session: 2)
        #expect(!latter.isAwaited)
    }
}
