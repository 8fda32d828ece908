import PostgresWire
import Testing

@testable import Session

/// A cancel may arrive when the statement it was meant for has ended, and hit what the gateway does for the session.
@Suite("A cancel that comes late")
struct LateCancelTests {
    private let servers = SharedServers()
    private static let restore = "Q SET SESSION \"timezone\" TO E'Asia/Tokyo'"

    @Test("does not keep a setting from going back to the client's own value")
    func restoring() {
        let (server, client) = (servers.server(), servers.client(startup: ["timezone": "Asia/Tokyo"]))
        client.says(Frames.query("RESET timezone"), on: server)
        let reset = client.hears(Frames.complete("RESET"), Frames.ready("I"))
        #expect(reset.server == [Self.restore] && reset.client == ["C RESET"])
        let again = client.hears(Frames.error("57014"), Frames.ready("I"))
        #expect(again.server == [Self.restore] && again.client == [])
        #expect(client.hears(Frames.complete("SELECT 1"), Frames.ready("I")).client == ["Z I"])
        #expect(client.session.isRunning)
    }

    @Test("fails the transaction in which it hits that, as one that came earlier would have")
    func restoringInTransaction() {
        let (server, client) = (servers.server(), servers.client(startup: ["timezone": "Asia/Tokyo"]))
        client.says(Frames.query("BEGIN"), on: server)
        client.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        client.says(Frames.query("RESET timezone"))
        client.hears(Frames.complete("RESET"), Frames.ready("T"))
        let failed = client.hears(Frames.error("57014"), Frames.ready("E"))
        #expect(failed.client == ["E 57014 server says 57014", "Z E"] && failed.server == [])
        #expect(client.says(Frames.query("ROLLBACK")).server == ["Q ROLLBACK"])
        #expect(client.hears(Frames.complete("ROLLBACK"), Frames.ready("I")).client == ["C ROLLBACK", "Z I"])
    }

    @Test("says so where time was up")
    func timeout() {
        let (server, client) = (servers.server(), servers.client(startup: ["timezone": "Asia/Tokyo"]))
        client.says(Frames.query("BEGIN; RESET timezone"), on: server)
        client.session.timesOut(after: .seconds(1))
        // The limit was exceeded by the client's own statement, and has been forgotten with its end.
        client.hears(Frames.complete("BEGIN"), Frames.complete("RESET"), Frames.ready("T"))
        client.session.timesOut(after: .seconds(1))
        let failed = client.hears(Frames.error("57014"), Frames.ready("E"))
        #expect(failed.client == ["E 57014 canceling statement due to query_timeout", "Z E"])
    }

    @Test("cancels a statement that others' draws from sequences are discarded for")
    func discarding() {
        let server = servers.server()
        let (one, other) = (servers.client(), servers.client())
        one.says(Frames.query("INSERT INTO t VALUES (1)"), on: server)
        one.hears(Frames.complete("INSERT 0 1"), Frames.ready("I"))
        #expect(other.says(Frames.query("SELECT lastval()"), on: server).server == ["Q DISCARD SEQUENCES"])
        let answer = other.hears(Frames.error("57014"), Frames.ready("I"))
        #expect(answer.client == ["E 57014 canceling statement due to user request", "Z I"])
        #expect(other.says(Frames.query("SELECT lastval()"), on: server).server == ["Q DISCARD SEQUENCES"])
    }

    @Test("fails the transaction in which such a statement stands")
    func discardingInTransaction() {
        let server = servers.server()
        let (one, other) = (servers.client(), servers.client())
        one.says(Frames.query("INSERT INTO t VALUES (1)"), on: server)
        one.hears(Frames.complete("INSERT 0 1"), Frames.ready("I"))
        other.says(Frames.query("BEGIN"), on: server)
        other.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        #expect(other.says(Frames.query("SELECT lastval()")).server == ["Q DISCARD SEQUENCES"])
        let failed = other.hears(Frames.error("57014"), Frames.ready("E"))
        #expect(failed.server == ["Q SELECT NULL::pg_catalog.\"denied by pgml-gateway\""] && failed.client == [])
        let answer = other.hears(Frames.error("25P02"), Frames.ready("E"))
        #expect(answer.client == ["E 57014 canceling statement due to user request", "Z E"])
    }

    @Test("an error of what was sent before a RESET does not undo that")
    func pipeline() {
        let (server, client) = (servers.server(), servers.client(startup: ["timezone": "Asia/Tokyo"]))
        client.says(Frames.query("SELECT nope"), Frames.query("RESET timezone"), on: server)
        client.hears(Frames.error("42703"), Frames.ready("I"))
        let reset = client.hears(Frames.complete("RESET"), Frames.ready("I"))
        #expect(reset.server == [Self.restore] && reset.client == ["C RESET"])
    }
}
