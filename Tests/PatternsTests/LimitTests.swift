import Testing

@testable import Patterns

/// Patterns that take exponential or quadratic time, against texts that are made for it.
@Suite(.serialized) struct LimitTests {
    struct Attack: CustomTestStringConvertible, Sendable {
        let pattern: String
        let text: String
        let testDescription: String

        init(_ pattern: String, _ text: String, _ name: String) {
            self.pattern = pattern
            self.text = text
            testDescription = name
        }
    }

    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    static let attacks = [
        Attack(#"^(a+)+$"#, repeated("a", 60) + "!", "nested repetition at one place"),
        Attack(#"(a+)+$"#, repeated("a", 100_000) + "!", "nested repetition at every place"),
        Attack(#"(a|aa)+$"#, repeated("a", 100_000) + "!", "ambiguous alternatives"),
        Attack(#"(a|a?)+$"#, repeated("a", 100_000) + "!", "empty alternatives"),
        Attack(#"(.*)*=(.*)*;"#, repeated("x=", 50_000) + "\n;", "wild cards"),
        Attack(#"a*b"#, repeated("a", 1_000_000), "quadratic without going back"),
        Attack(#"(?:a*+)(?:a*+)c"#, repeated("a", 1_000_000), "possessive and quadratic"),
        Attack(#"a(a*)(a*)(a*)b"#, repeated("a", 20_000) + "\nb", "polynomial"),
        Attack(#"(?=(a+))*\1+b"#, repeated("a", 50_000) + "\nb", "assertion and reference"),
        Attack(#"(\((?:[^()]|(?1))*\))$"#, repeated("(", 200_000) + ")x", "recursion"),
        Attack(#"'(?:[^']|'')*'\s*$"#, repeated("'", 300_001), "a literal that does not end"),
        Attack(#"(?:a(?=[^z]*+))++z"#, repeated("a", 1_000_000), "steps that are long themselves, possessive"),
        Attack(#"(?:a(?=[^z]*+))+z"#, repeated("a", 100_000) + "\nz", "steps that are long themselves"),
        Attack(#"(?:a(?=.*+))+z"#, repeated("a", 1_000_000), "steps over all of the text"),
        Attack(#"(?:a(?!.*x))++z"#, repeated("a", 1_000_000), "denying steps over all of the text"),
        Attack(#"(ä+)+$"#, repeated("ä", 50_000) + "!", "characters of several bytes"),
    ]

    @Test(arguments: attacks)
    func `a catastrophic pattern ends in time`(attack: Attack) throws {
        let pattern = try Pattern(attack.pattern)
        let replacement = try Replacement("x", of: pattern)
        let limits = MatchLimits()
        let searcher = Searcher([pattern], limits: limits)
        var slowest = UInt64(0)
        var outcome = "searched"
        for _ in 0..<5 {
            let start = Search.threadNanoseconds
            do throws(MatchLimits.Exceeded) {
                _ = try searcher.search { search throws(MatchLimits.Exceeded) in
                    try search.edits(pattern, replacement, in: attack.text)
                }
            } catch {
                outcome = "\(error)"
            }
            slowest = max(slowest, Search.threadNanoseconds - start)
        }
        print("\(attack.testDescription): \(outcome), \(slowest / 1000) µs")
        // The limit of 10 ms, and what may be done between two looks at the clock: half a millisecond as a rule.
        #expect(slowest < 30_000_000)
    }

    @Test func `each limit has its name`() throws {
        func exceeded(_ source: String, _ text: String, _ limits: MatchLimits) throws -> MatchLimits.Exceeded? {
            do {
                _ = try PatternTests.replaced(text, source, "x", limits: limits)
                return nil
            } catch let exceeded as MatchLimits.Exceeded {
                return exceeded
            }
        }
        let text = Self.repeated("a", 30) + "!"
        #expect(try exceeded("(a+)+$", text, MatchLimits(match: 1000)) == .match)
        #expect(try exceeded("a*b", Self.repeated("a", 1_000_000), MatchLimits(time: .milliseconds(1))) == .time)
        let many = Self.repeated("a", 100_000) + "!"
        #expect(try exceeded("(a|aa)+$", many, MatchLimits(match: 10_000_000, heap: 32, time: .seconds(5))) == .heap)
        #expect(try exceeded("(a+)+$", "aaa", MatchLimits()) == nil)
    }

    @Test func `a search that was refused leaves the next one as it should be`() throws {
        let pattern = try Pattern("(a+)+$")
        let replacement = try Replacement("x", of: pattern)
        let searcher = Searcher([pattern], limits: MatchLimits(match: 1000))
        for _ in 0..<3 {
            #expect(throws: MatchLimits.Exceeded.match) {
                try searcher.search { search throws(MatchLimits.Exceeded) in
                    try search.edits(pattern, replacement, in: Self.repeated("a", 30) + "!")
                }
            }
            let edits = try searcher.search { search throws(MatchLimits.Exceeded) in
                try search.edits(pattern, replacement, in: "aa")
            }
            #expect(edits.map(\.text) == ["x"])
        }
    }

    @Test func `threads share a pattern`() async throws {
        let pattern = try Pattern(#"(\w+)@(\w+)"#)
        let replacement = try Replacement("${2} at ${1}", of: pattern)
        let searcher = Searcher([pattern], limits: MatchLimits())
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    (0..<500).allSatisfy { round in
                        let edits = try? searcher.search { search throws(MatchLimits.Exceeded) in
                            try search.edits(pattern, replacement, in: "a\(number)@b\(round) ")
                        }
                        return edits?.map(\.text) == ["b\(round) at a\(number)"]
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
