import PostgresWire
import Testing

@testable import Session

/// What a client is told of a statement that was cancelled because it ran for too long.
@Suite("A statement that runs for too long")
struct TimeoutTests {
    private let servers = SharedServers()

    @Test("is said to have exceeded query_timeout, in a transaction or not", arguments: ["I", "E"] as [Character])
    func query(_ status: Character) {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("SELECT pg_sleep(9)"), on: server)
        client.session.timesOut(after: .milliseconds(700))
        let answer = client.hears(Frames.error("57014"), Frames.ready(status))
        #expect(answer.client == ["E 57014 canceling statement due to query_timeout", "Z \(status)"])
    }

    @Test("is said to have exceeded it in the extended protocol")
    func batch() {
        let (server, client) = (servers.server(), servers.client())
        client.says(
            Frames.parse("", "SELECT 1"),
            Frames.bind(""),
            Frames.execute,
            Frames.bind(""),
            Frames.execute,
            Frames.sync,
            on: server
        )
        client.session.timesOut(after: .seconds(1))
        let answer = client.hears(
            Frames.parseComplete,
            Frames.bindComplete,
            Frames.error("57014"),
            Frames.ready("I")
        )
        #expect(answer.client == ["1", "2", "E 57014 canceling statement due to query_timeout", "Z I"])
        #expect(!client.hasServer)
    }

    @Test("is said to have exceeded it however long the server's own words are")
    func longError() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("SELECT pg_sleep(9)"), on: server)
        client.session.timesOut(after: .seconds(1))
        let context = String(repeating: "PL/pgSQL function f() ", count: 200)
        let error = Frames.message("E", Array("SERROR\0VERROR\0C57014\0Mcanceled\0W\(context)\0\0".utf8))
        let first = client.hears(Array(error[..<1000]))
        let rest = client.hears(Array(error[1000...]), Frames.ready("I"))
        #expect(first.client + rest.client == ["E 57014 canceling statement due to query_timeout", "Z I"])
    }

    @Test("leaves the words of other errors, and those of later ones, as they are")
    func others() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("SELECT nope"), on: server)
        client.session.timesOut(after: .seconds(1))
        #expect(client.hears(Frames.error("42703"), Frames.ready("T")).client == ["E 42703 server says 42703", "Z T"])
        client.says(Frames.query("SELECT pg_sleep(9)"))
        #expect(client.hears(Frames.error("57014"), Frames.ready("E")).client == ["E 57014 server says 57014", "Z E"])
    }

    @Test("may end before it is cancelled, and what follows is not to blame")
    func tooLate() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("BEGIN"), on: server)
        client.session.timesOut(after: .seconds(1))
        client.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        client.says(Frames.query("SELECT 1"))
        #expect(client.hears(Frames.error("57014"), Frames.ready("E")).client == ["E 57014 server says 57014", "Z E"])
    }

    @Test("explains one error only, the one that the cancel caused")
    func once() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("SELECT 1"), Frames.query("SELECT 2"), on: server)
        client.session.timesOut(after: .seconds(1))
        let first = client.hears(Frames.error("57014"), Frames.ready("I")).client
        #expect(first == ["E 57014 canceling statement due to query_timeout", "Z I"])
        #expect(client.hears(Frames.error("57014"), Frames.ready("I")).client == ["E 57014 server says 57014", "Z I"])
    }
}
