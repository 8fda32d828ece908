import PluginAPI
import PostgresWire
import Testing

@testable import Session

/// When a session needs a server connection, when it does not, and when it gives it back.
@Suite("A lease")
struct LeaseTests {
    private let servers = SharedServers()

    @Test("lasts for a transaction")
    func transaction() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("BEGIN"), on: server)
        client.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        #expect(client.hasServer)
        client.says(Frames.query("SELECT 1"))
        client.hears(Frames.error("42703"), Frames.ready("E"))
        #expect(client.hasServer)
        client.says(Frames.query("ROLLBACK"))
        client.hears(Frames.complete("ROLLBACK"), Frames.ready("I"))
        #expect(!client.hasServer)
    }

    @Test("lasts until the last of a pipeline's answers")
    func pipeline() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("SELECT 1"), Frames.query("SELECT 2"), on: server)
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(client.hasServer)
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(!client.hasServer)
    }

    @Test("lasts until Sync, though all has been answered")
    func unsynced() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.parse("", "SELECT 1"), Frames.flush, on: server)
        client.hears(Frames.parseComplete)
        #expect(client.hasServer)
        client.says(Frames.sync)
        client.hears(Frames.ready("I"))
        #expect(!client.hasServer)
    }

    @Test("lasts until the Sync that ends a batch with an error")
    func failedBatch() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.parse("", "SELECT nope"), Frames.flush, on: server)
        client.hears(Frames.error("42703"))
        #expect(client.hasServer)
        #expect(client.says(Frames.bind(""), Frames.sync).server == ["S"])
        client.hears(Frames.ready("I"))
        #expect(!client.hasServer)
    }

    @Test("in which a transaction fails over a RESET tells what the server reports of it")
    func failedReset() {
        let server = servers.server(["DateStyle": "ISO, DMY"])
        let client = servers.client(startup: ["extra_float_digits": "3"])
        client.says(Frames.query("BEGIN"), on: server)
        client.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        client.says(Frames.query("DISCARD ALL"))
        let status = Frames.message("S", Array("DateStyle\0ISO, MDY\0".utf8))
        let answer = client.hears(Frames.error("25001"), status, Frames.ready("E"))
        #expect(answer.client == ["E 25001 server says 25001", "S", "Z E"])
    }

    @Test("meets no draws of others' in the middle of a batch or transaction")
    func foreignDraws() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        two.says(Frames.query("INSERT INTO t DEFAULT VALUES"), on: server)
        two.hears(Frames.complete("INSERT 0 1"), Frames.ready("I"))
        one.says(Frames.query("BEGIN"), on: server)
        one.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        let batch = one.says(
            Frames.parse("", "SELECT lastval()"),
            Frames.bind(""),
            Frames.execute,
            Frames.sync
        )
        #expect(
            batch.server == [
                "P : SELECT lastval()", "P pgml-gateway: DISCARD SEQUENCES", "B", "E", "C Ppgml-gateway",
                "C Spgml-gateway",
                "B", "E", "S",
            ]
        )
        let answer = one.hears(
            Frames.parseComplete,
            Frames.parseComplete,
            Frames.bindComplete,
            Frames.complete("DISCARD SEQUENCES"),
            Frames.closeComplete,
            Frames.closeComplete,
            Frames.bindComplete,
            Frames.error("55000"),
            Frames.ready("E")
        )
        #expect(answer.client == ["1", "2", "E 55000 server says 55000", "Z E"])
    }

    @Test("lasts until the Sync that a Query behind an error has not taken the place of")
    func queryBehindError() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.parse("", "SELECT nope"), Frames.query("SELECT 1"), on: server)
        client.hears(Frames.error("42703"))
        #expect(client.hasServer, "the server skips the Query and waits for a Sync")
        #expect(client.says(Frames.sync).server == ["S"])
        #expect(client.hears(Frames.ready("I")).client == ["Z I"])
        #expect(!client.hasServer)
    }

    @Test("lasts until COPY data are in")
    func copy() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("COPY t FROM STDIN"), on: server)
        client.hears(Frames.copyIn)
        client.says(Frames.copyData("1\n"), Frames.copyDone)
        #expect(client.hasServer)
        client.hears(Frames.complete("COPY 1"), Frames.ready("I"))
        #expect(!client.hasServer)
    }

    // MARK: Without one

    @Test("is not needed to be denied")
    func denial() {
        let client = servers.client()
        #expect(client.says(Frames.query("SELECT forbidden()")).client == ["E 42501 forbidden is not allowed", "Z I"])
        let batch = client.says(
            Frames.parse("", "SELECT forbidden()"),
            Frames.bind(""),
            Frames.execute,
            Frames.sync
        )
        #expect(batch.client == ["E 42501 forbidden is not allowed", "Z I"])
        #expect(client.last == .proceed)
    }

    @Test("is not needed for Sync, Flush, Close and stray COPY messages")
    func nothingToDo() {
        let client = servers.client()
        let said = client.says(
            Frames.sync,
            Frames.flush,
            Frames.copyData("x"),
            Frames.copyDone,
            Frames.close("s"),
            Frames.sync
        )
        #expect(said.client == ["Z I", "3", "Z I"])
        #expect(said.server.isEmpty)
        #expect(client.last == .proceed)
    }

    @Test("that was given for a Bind is given back when the Bind is denied")
    func deniedBind() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.parse("s", "SELECT watched($1)"), Frames.sync, on: server)
        client.hears(Frames.parseComplete, Frames.ready("I"))
        let answer = client.says(Frames.bind("s", ["bad"]), Frames.execute, Frames.sync, on: server)
        #expect(answer.client == ["E 42501 bad is not allowed", "Z I"])
        #expect(answer.server.isEmpty)
        if case .free = client.session.leaseEnd {} else { Issue.record("nothing is under way") }
    }

    @Test("lets a denied statement fail where the transaction is")
    func denialInTransaction() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("BEGIN"), on: server)
        client.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        let denied = client.says(Frames.query("SELECT forbidden()"))
        #expect(denied.server == ["Q SELECT NULL::pg_catalog.\"denied by pgml-gateway\""])
        let answer = client.hears(Frames.error("42704"), Frames.ready("E"))
        #expect(answer.client == ["E 42501 forbidden is not allowed", "Z E"])
    }

    // MARK: Refused

    private static let refusal = ErrorResponse(.tooManyConnections, "none is free")

    @Test("that is refused fails the statement and nothing else")
    func refusedQuery() {
        let client = servers.client()
        client.says(Frames.query("SELECT 1"))
        #expect(client.last == .lease)
        #expect(client.isRefused(Self.refusal).client == ["E 53300 none is free", "Z I"])
        let next = client.says(Frames.query("SELECT forbidden()"))
        #expect(
            next.client == ["E 42501 forbidden is not allowed", "Z I"],
            "judged by itself, not by the last verdict"
        )
    }

    @Test("that is refused to a batch fails all of it")
    func refusedBatch() {
        let client = servers.client()
        client.says(Frames.parse("s", "SELECT 1"), Frames.bind("s"), Frames.execute, Frames.sync)
        #expect(client.isRefused(Self.refusal).client == ["E 53300 none is free", "Z I"])
        #expect(client.says(Frames.bind("s"), Frames.sync).client.first?.hasPrefix("E 26000") == true)
    }

    // MARK: What servers report

    @Test("on another server tells the client what that one reports otherwise")
    func parameters() {
        let client = servers.client()
        let first = servers.server(["TimeZone": "UTC", "is_superuser": "off"])
        let second = servers.server(["TimeZone": "UTC", "is_superuser": "on"])
        #expect(client.says(Frames.query("SELECT 1"), on: first).client == ["S", "S"])
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(client.says(Frames.query("SELECT 1"), on: second).client == ["S"])
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(client.says(Frames.query("SELECT 1"), on: second).client == [])
    }

    @Test("of settings goes back to nothing that ended with the transaction")
    func localReset() {
        let (server, client) = (servers.server(), servers.client(startup: ["timezone": "Asia/Tokyo"]))
        client.says(Frames.query("SET LOCAL timezone TO DEFAULT"), on: server)
        let reset = client.hears(Frames.complete("SET"), Frames.ready("I"))
        #expect(reset.server == [] && reset.client == ["C SET", "Z I"], "outside of a transaction it did nothing")
    }
}
