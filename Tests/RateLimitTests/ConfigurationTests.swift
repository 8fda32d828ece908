import Configuration
import FoundationEssentials
import PluginAPI
import Testing

@testable import RateLimit

@Suite("A rate limit's file")
struct ConfigurationTests {
    @Test(
        "is refused with the key that is wrong",
        arguments: [
            ("", "limit"),
            ("[[limit]]\nname = \"a\"", "limit[0]"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nconcurrent = 1", "limit[0]"),
            ("[[limit]]\nname = \"a\"\nrate = \"0/second\"", "limit[0].rate"),
            ("[[limit]]\nname = \"a\"\nrate = \"-1/second\"", "limit[0].rate"),
            ("[[limit]]\nname = \"a\"\nrate = \"5/day\"", "limit[0].rate"),
            ("[[limit]]\nname = \"a\"\nrate = \"5\"", "limit[0].rate"),
            ("[[limit]]\nname = \"a\"\nrate = \"5/second\"\nburst = 0", "limit[0].burst"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/hour\"\nburst = 1000000000", "limit[0].burst"),
            ("[[limit]]\nname = \"a\"\nconcurrent = 0", "limit[0].concurrent"),
            ("[[limit]]\nname = \"a\"\nconcurrent = 1\nburst = 2", "limit[0].burst"),
            ("[[limit]]\nname = \"a\"\nconcurrent = 1\ncount = \"calls\"\nfunctions = [\"pgml.*\"]", "limit[0].count"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nper = \"role\"", "limit[0].per"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nper = []", "limit[0].per"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nper = [\"all\", \"user\"]", "limit[0].per"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nper = \"function\"", "limit[0].per"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nper = 5", "limit[0].per"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\ncount = \"calls\"", "limit[0].count"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\ncount = \"rows\"", "limit[0].count"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nfunctions = [\"embed\"]", "limit[0].functions[0]"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nfunctions = []", "limit[0].functions"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\non_limit = \"wait\"", "limit[0].on_limit"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nwait_at_most = \"1s\"", "limit[0].wait_at_most"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\non_limit = \"drop\"", "limit[0].on_limit"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nunknown_characters = 5", "limit[0].unknown_characters"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nusers = []", "limit[0].users"),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\naddresses = [\"10.0.0.1/8\"]", "limit[0].addresses[0]"),
            (
                "[[limit]]\nname = \"a\"\nrate = \"1/second\"\n[[limit]]\nname = \"a\"\nrate = \"1/second\"",
                "limit[1].name"
            ),
            ("[[limit]]\nname = \"a\"\nrate = \"1/second\"\nbrust = 5", "limit[0].brust"),
            ("[[limit]]\nrate = \"1/second\"", "limit[0].name"),
        ]
    )
    func refused(toml: String, key: String) throws {
        let error = try #require(throws: ConfigurationErrors.self) { _ = try Sessions.load(toml) }
        #expect("\(error)".contains(key), "\(error)")
    }

    @Test("takes one word or several, and all there is")
    func accepted() throws {
        _ = try Sessions.load(
            """
            [[limit]]
            name = "a"
            per = ["user", "database", "address", "function"]
            count = "characters"
            functions = ["pgml.embed", "pgml.transform"]
            rate = "100000/minute"
            burst = 200000
            unknown_characters = 1000
            on_limit = "wait"
            wait_at_most = "2s"
            users = ["a"]
            databases = ["b"]
            applications = ["c"]
            addresses = ["10.0.0.0/8"]
            """
        )
        _ = try Sessions.load("[[limit]]\nname = \"a\"\nconcurrent = 5")
    }

    private static let repository = #filePath.split(separator: "/Tests/")[0].description

    @Test("that is shipped can be switched on by removing one line")
    func shipped() throws {
        let text = try String(contentsOfFile: Self.repository + "/plugins.d/05-rate-limit.toml", encoding: .utf8)
        #expect(try Self.load(text) == nil)
        let on = text.replacing("\nenabled = false\n", with: "\n")
        #expect(try Self.load(on) is RateLimit)
    }

    @Test("may hold every example of its guide")
    func documented() throws {
        let text = try String(contentsOfFile: Self.repository + "/docs/rate-limits.md", encoding: .utf8)
        let examples = text.split(separator: "```toml\n").dropFirst().compactMap { $0.split(separator: "```").first }
        #expect(examples.count == 5)
        for example in examples { _ = try Sessions.load(String(example)) }
    }

    private static func load(_ text: String) throws -> (any Plugin)? {
        let document = try TOMLDocument(text: text, file: "plugins.d/05-rate-limit.toml")
        return try PluginFile(document, kinds: [PluginKind(RateLimit.self)]).load()?.plugin
    }
}
