import PostgresWire
import Testing

@testable import Session

/// What a session may be told without a server, and until when.
@Suite("A greeting")
struct GreetingCacheTests {
    private let term = GreetingTerm()
    private let request = ServerRequest(
        credentials: UpstreamCredentials(user: "pg", password: "ml"),
        database: "pgml",
        parameters: [],
        poolMode: .transaction,
        poolSize: 2,
        isJudged: true
    )

    private func parameters(_ zone: String) -> ServerParameters {
        var parameters = ServerParameters()
        parameters.set("TimeZone", zone)
        return parameters
    }

    @Test("is what a server reported to a session that began with the same settings")
    func known() {
        let cache = GreetingCache(term: term)
        cache.insert(parameters("UTC"), for: request, .none)
        #expect(cache.greeting(for: request, .none)?.parameters["TimeZone"] == "UTC")
        #expect(cache.greeting(for: request, SessionSettings(["datestyle": "German"])) == nil)
    }

    @Test("holds until servers may have changed, on every reactor")
    func lapses() {
        let (here, there) = (GreetingCache(term: term), GreetingCache(term: term))
        here.insert(parameters("UTC"), for: request, .none)
        there.end()
        #expect(here.greeting(for: request, .none) == nil)
        here.insert(parameters("Asia/Tokyo"), for: request, .none)
        #expect(here.greeting(for: request, .none)?.parameters["TimeZone"] == "Asia/Tokyo")
    }

    @Test("is forgotten by all when a server reports something else for the same settings")
    func contradiction() {
        let (here, there) = (GreetingCache(term: term), GreetingCache(term: term))
        for cache in [here, there] { cache.insert(parameters("UTC"), for: request, .none) }
        here.compare(parameters("UTC"), for: request, .none)
        #expect(there.greeting(for: request, .none) != nil)
        here.compare(parameters("Asia/Tokyo"), for: request, .none)
        #expect(here.greeting(for: request, .none)?.parameters["TimeZone"] == "Asia/Tokyo")
        #expect(there.greeting(for: request, .none) == nil)
    }

    @Test(
        "ends with a report that no statement of the client's explains",
        arguments: [
            ("SELECT 1", true), ("SET timezone = 'Asia/Tokyo'", false),
            ("BEGIN; SET LOCAL timezone = 'Asia/Tokyo'", false),
        ]
    )
    func report(_ text: String, _ ends: Bool) {
        let servers = SharedServers()
        let (server, client) = (servers.server(), servers.client())
        servers.greetings.insert(parameters("UTC"), for: request, .none)
        client.says(Frames.query(text), on: server)
        client.hears(
            Frames.message("S", Array("TimeZone\0Asia/Tokyo\0".utf8)),
            Frames.complete("SET"),
            Frames.ready("I")
        )
        #expect((servers.greetings.greeting(for: request, .none) == nil) == ends)
    }
}
