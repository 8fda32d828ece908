import PluginAPI
import PostgresWire
import Testing

@testable import Session

/// What a client prepared is there whenever it is used, whichever server connection it gets, and nobody else's is.
@Suite("A prepared statement on shared server connections")
struct SharedStatementTests {
    private let servers = SharedServers()
    private static let run = Frames.bind("s") + Frames.execute + Frames.sync

    private func prepare(_ client: SharedClient, _ text: String, on server: ServerState) {
        for message in client.says(Frames.parse("s", text), Frames.sync, on: server).server {
            switch message.first {
            case "C": client.hears(Frames.closeComplete)
            case "P": client.hears(Frames.parseComplete)
            default: client.hears(Frames.ready("I"))
            }
        }
    }

    @Test("passes as it is where the client's own name is free")
    func ownName() {
        let (server, client) = (servers.server(), servers.client())
        #expect(client.says(Frames.parse("s", "SELECT 1"), Frames.sync, on: server).server == ["P s: SELECT 1", "S"])
        client.hears(Frames.parseComplete, Frames.ready("I"))
        #expect(!client.hasServer)
        #expect(client.says(Self.run, on: server).server == ["B : s", "E", "S"])
    }

    @Test("is prepared again on a server connection that does not have it, without a word to the client")
    func otherServer() {
        let client = servers.client()
        prepare(client, "SELECT 1", on: servers.server())
        let other = servers.server()
        #expect(client.says(Self.run, on: other).server == ["P s: SELECT 1", "B : s", "E", "S"])
        let answer = client.hears(
            Frames.parseComplete,
            Frames.bindComplete,
            Frames.complete("SELECT 1"),
            Frames.ready("I")
        )
        #expect(answer.client == ["2", "C SELECT 1", "Z I"])
        #expect(client.says(Self.run, on: other).server == ["B : s", "E", "S"])
    }

    @Test("has another name on the server where two clients use one name for two texts")
    func sameName() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(one, "SELECT 1", on: server)
        let second = two.says(Frames.parse("s", "SELECT 2"), Frames.sync, on: server)
        #expect(second.server == ["P pgml_gateway_1: SELECT 2", "S"])
        two.hears(Frames.parseComplete, Frames.ready("I"))
        #expect(two.says(Self.run, on: server).server == ["B : pgml_gateway_1", "E", "S"])
        two.hears(Frames.bindComplete, Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(one.says(Self.run, on: server).server == ["B : s", "E", "S"])
    }

    @Test("is shared by clients that prepare the same text")
    func sameText() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(one, "SELECT 1", on: server)
        let second = two.says(Frames.parse("t", "SELECT 1"), Frames.sync, on: server)
        #expect(second.server == ["C Ss", "P s: SELECT 1", "S"], "prepared anew: its tables may have changed")
        #expect(two.hears(Frames.closeComplete, Frames.parseComplete, Frames.ready("I")).client == ["1", "Z I"])
        #expect(one.says(Self.run, on: server).server == ["B : s", "E", "S"])
    }

    @Test("cannot be prepared twice under one name")
    func twice() {
        let (server, client) = (servers.server(), servers.client())
        prepare(client, "SELECT 1", on: server)
        let substitute = "P pgml-gateway: SELECT NULL::pg_catalog.\"denied by pgml-gateway\""
        for text in ["SELECT 2", "SELECT nope"] {
            let batch = client.says(Frames.parse("s", text), Frames.sync, on: server)
            #expect(batch.server == ["P pgml-gateway: \(text)", "C Spgml-gateway", substitute, "S"])
            #expect(batch.client.isEmpty)
            let error = Frames.error(text == "SELECT 2" ? "42704" : "42703")
            let valid = text == "SELECT 2" ? Frames.parseComplete + Frames.closeComplete : []
            let answer = client.hears(valid, error, Frames.ready("I"))
            let told = text == "SELECT 2" ? "42P05 prepared statement \"s\" already exists" : "42703 server says 42703"
            #expect(answer.client == ["E \(told)", "Z I"])
        }
    }

    @Test("that does not exist is said so without a server")
    func unknown() {
        let client = servers.client()
        let answer = client.says(Frames.bind("s"), Frames.execute, Frames.sync)
        #expect(answer.client == ["E 26000 prepared statement \"s\" does not exist", "Z I"])
        #expect(client.says(Frames.bind(""), Frames.sync).client.first?.hasPrefix("E 26000") == true)
    }

    @Test("closed by one client is there for the others, and not for that one")
    func closing() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(one, "SELECT 1", on: server)
        prepare(two, "SELECT 1", on: server)
        #expect(one.says(Frames.close("s"), Frames.sync).client == ["3", "Z I"], "no server is needed to close")
        #expect(one.says(Frames.bind("s"), Frames.sync).client.first?.hasPrefix("E 26000") == true)
        #expect(two.says(Self.run, on: server).server == ["B : s", "E", "S"])
    }

    @Test("closed within a batch is answered in its turn")
    func closingInBatch() {
        let (server, client) = (servers.server(), servers.client())
        prepare(client, "SELECT 1", on: server)
        let batch = client.says(Frames.bind("s"), Frames.execute, Frames.close("s"), Frames.sync, on: server)
        #expect(batch.server == ["B : s", "E", "C Spgml-gateway", "S"])
        let answer = client.hears(
            Frames.bindComplete,
            Frames.complete("SELECT 1"),
            Frames.closeComplete,
            Frames.ready("I")
        )
        #expect(answer.client == ["2", "C SELECT 1", "3", "Z I"])
    }

    @Test("whose Parse failed does without its name, which may be taken")
    func failedParse() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.parse("s", "SELECT nope"), Frames.sync, on: server)
        client.hears(Frames.error("42703"), Frames.ready("I"))
        let again = client.says(Frames.parse("s", "SELECT nope"), Frames.sync, on: server)
        #expect(again.server == ["P pgml_gateway_1: SELECT nope", "S"], "it may have failed because s was taken")
    }

    @Test("that SQL failed to make is never another client's of that name")
    func failedPrepare() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        one.says(Frames.query("PREPARE s AS SELECT nope"), on: server)
        one.hears(Frames.error("42703"), Frames.ready("I"))
        one.session.detach()
        prepare(two, "SELECT watched(1)", on: server)
        #expect(
            one.says(Frames.bind("s"), Frames.sync, on: server).client == [
                "E 26000 prepared statement \"s\" does not exist", "Z I",
            ]
        )
    }

    @Test("without a name that an error has skipped leaves the one before it")
    func skippedUnnamed() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.parse("", "SELECT 1"), Frames.sync, on: server)
        client.hears(Frames.parseComplete, Frames.ready("I"))
        client.says(
            Frames.parse("t", "SELECT nope"),
            Frames.parse("", "SELECT 2"),
            Frames.sync,
            on: server
        )
        client.hears(Frames.error("42703"), Frames.ready("I"))
        let batch = client.says(Frames.bind(""), Frames.execute, Frames.sync, on: server)
        #expect(batch.server == ["B", "E", "S"])
    }

    @Test("makes room for another when a server connection has too many")
    func leastRecentlyUsed() {
        let servers = SharedServers(limits: SessionLimits(maximumServerStatements: 2))
        let (server, client) = (servers.server(), servers.client())
        for name in ["a", "b"] {
            client.says(Frames.parse(name, "SELECT '\(name)'"), Frames.sync, on: server)
            client.hears(Frames.parseComplete, Frames.ready("I"))
        }
        client.says(Frames.bind("a"), Frames.execute, Frames.sync, on: server)
        client.hears(Frames.bindComplete, Frames.complete("SELECT 1"), Frames.ready("I"))
        let third = client.says(Frames.parse("c", "SELECT 'c'"), Frames.sync, on: server)
        #expect(third.server == ["C Sb", "P c: SELECT 'c'", "S"])
        #expect(client.hears(Frames.closeComplete, Frames.parseComplete, Frames.ready("I")).client == ["1", "Z I"])
        let back = client.says(Frames.bind("b"), Frames.execute, Frames.sync, on: server)
        #expect(back.server == ["C Sa", "P b: SELECT 'b'", "B : b", "E", "S"])
    }

    @Test("that means the moment of its Parse stays where it was parsed, and is shared with nobody")
    func frozenLiteral() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(two, "SELECT timestamptz 'now'", on: server)
        if case .revocable = two.session.leaseEnd {} else { Issue.record("somebody else may have it") }
        one.says(Frames.parse("t", "SELECT timestamptz 'now'"), Frames.sync, on: server)
        #expect(one.session.names.settled(StatementName(sql: "t"))?.source?.settings == nil)
    }

    // MARK: Unnamed

    @Test("without a name is the last the client parsed, whoever used the server connection since")
    func unnamed() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        one.says(Frames.parse("", "SELECT 1"), Frames.sync, on: server)
        one.hears(Frames.parseComplete, Frames.ready("I"))
        two.says(Frames.parse("", "SELECT 2"), Frames.sync, on: server)
        two.hears(Frames.parseComplete, Frames.ready("I"))
        let batch = one.says(Frames.bind(""), Frames.execute, Frames.sync, on: server)
        #expect(batch.server == ["P : SELECT 1", "B", "E", "S"])
        let answer = one.hears(
            Frames.parseComplete,
            Frames.bindComplete,
            Frames.complete("SELECT 1"),
            Frames.ready("I")
        )
        #expect(answer.client == ["2", "C SELECT 1", "Z I"])
    }

    @Test("without a name is gone after a simple Query")
    func unnamedAfterQuery() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.parse("", "SELECT 1"), Frames.sync, on: server)
        client.hears(Frames.parseComplete, Frames.ready("I"))
        client.says(Frames.query("SELECT 2"), on: server)
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(client.says(Frames.bind(""), Frames.sync).client.first?.hasPrefix("E 26000") == true)
    }

    // MARK: Results that have changed

    private static func description(_ columns: String) -> [UInt8] { Frames.message("T", Array(columns.utf8)) }
    private static let parameters = Frames.message("t", [0, 0])
    private static let describe = Frames.message("D", Array("Ss".utf8) + [0])

    private func describe(_ client: SharedClient, as columns: String, on server: ServerState) {
        client.says(Frames.parse("s", "SELECT * FROM t"), Self.describe, Frames.sync, on: server)
        client.hears(Frames.parseComplete, Self.parameters, Self.description(columns), Frames.ready("I"))
    }

    @Test("that was described is not run on a server connection where its result is another")
    func changedResult() {
        let client = servers.client()
        describe(client, as: "a", on: servers.server())
        let later = servers.server()
        let asked = client.says(Self.run, on: later)
        #expect(asked.server == ["P s: SELECT * FROM t", "D", "H"])
        let first = client.hears(Frames.parseComplete, Self.parameters, Self.description("a, b"))
        #expect(first.client.isEmpty)
        #expect(
            first.server == ["C Ss", "P s: SELECT * FROM t", "D", "H"],
            "it may have been prepared before the change"
        )
        let second = client.hears(
            Frames.closeComplete,
            Frames.parseComplete,
            Self.parameters,
            Self.description("a, b")
        )
        #expect(second.server == ["P pgml-gateway: SELECT NULL::pg_catalog.\"denied by pgml-gateway\"", "S"])
        let answer = client.hears(Frames.error("42704"), Frames.ready("I"))
        #expect(answer.client == ["E 0A000 cached plan must not change result type", "Z I"])
    }

    @Test("that was described runs where its result is the same")
    func sameResult() {
        let client = servers.client()
        describe(client, as: "a", on: servers.server())
        let later = servers.server()
        client.says(Self.run, on: later)
        let answer = client.hears(Frames.parseComplete, Self.parameters, Self.description("a"))
        #expect(answer.client.isEmpty)
        #expect(answer.server == ["B : s", "E", "S"])
    }

    @Test("prepared again after its tables changed is the new one everywhere")
    func preparedAgain() {
        let (server, stale) = (servers.server(), servers.server())
        let (client, other) = (servers.client(), servers.client())
        describe(other, as: "a", on: stale)
        client.says(Frames.parse("s", "SELECT * FROM t"), Self.describe, Frames.sync, on: server)
        client.hears(Frames.parseComplete, Self.parameters, Self.description("a, b"), Frames.ready("I"))
        let again = client.says(Self.run, on: stale)
        #expect(again.server == ["C Ss", "P s: SELECT * FROM t", "D", "H"])
        let answer = client.hears(
            Frames.closeComplete,
            Frames.parseComplete,
            Self.parameters,
            Self.description("a, b")
        )
        #expect(answer.server == ["B : s", "E", "S"])
    }

    @Test("whose new result could not be asked for is prepared anew on the next server connection too")
    func failedRepreparing() {
        let (later, stale) = (servers.server(), servers.server())
        let (client, other) = (servers.client(), servers.client())
        describe(client, as: "a", on: servers.server())
        describe(other, as: "b", on: stale)
        client.says(Self.run, on: later)
        client.hears(Frames.parseComplete, Self.parameters, Self.description("b"))
        client.hears(Frames.closeComplete, Frames.error("42P01"))
        client.hears(Frames.ready("I"))
        let again = client.says(Self.run, on: stale)
        #expect(again.server == ["C Ss", "P s: SELECT * FROM t", "D", "H"])
    }

    // MARK: SQL's own

    @Test("is what DEALLOCATE of its name removes")
    func deallocate() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(two, "SELECT 2", on: server)
        prepare(one, "SELECT 1", on: server)
        let arranged = one.says(Frames.query("DEALLOCATE s"), on: server)
        #expect(arranged.server == ["C Ss", "P s: SELECT 1", "S"], "s was the other client's on this connection")
        let passed = one.hears(Frames.closeComplete, Frames.parseComplete, Frames.ready("I"))
        #expect(passed.server == ["Q DEALLOCATE s"])
        #expect(passed.client.isEmpty)
        #expect(one.hears(Frames.complete("DEALLOCATE"), Frames.ready("I")).client == ["C DEALLOCATE", "Z I"])
        #expect(one.says(Frames.bind("s"), Frames.sync).client.first?.hasPrefix("E 26000") == true)
        #expect(two.says(Self.run, on: server).server == ["P s: SELECT 2", "B : s", "E", "S"])
    }

    @Test("is arranged behind a batch without Sync once that is answered, however often one fails before")
    func arrangedBehindUnsynced() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(two, "SELECT 2", on: server)
        prepare(one, "SELECT 1", on: server)
        for _ in 1...2 {
            let batch = one.says(Frames.parse("", "SELECT nope"), Frames.query("DEALLOCATE s"), on: server)
            #expect(batch.server == ["P : SELECT nope", "H"], "the server would keep its answer to itself")
            #expect(one.hears(Frames.error("42703")).client == ["E 42703 server says 42703"])
            #expect(one.says(Frames.sync).server == ["S"])
            one.hears(Frames.ready("I"))
        }
    }

    @Test("is not placed under its name in an aborted transaction, and no other client's is run")
    func unplaceable() {
        let (server, other) = (servers.server(), servers.server())
        let (one, two) = (servers.client(), servers.client())
        prepare(two, "SELECT 2", on: server)
        prepare(one, "SELECT 1", on: other)
        one.says(Frames.query("BEGIN"), on: server)
        one.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        one.says(Frames.query("SELECT 1/0"))
        one.hears(Frames.error("22012"), Frames.ready("E"))
        #expect(one.says(Frames.query("EXECUTE s")).server == ["Q EXECUTE s"], "which fails")
        #expect(one.hears(Frames.error("25P02"), Frames.ready("E")).client == ["E 25P02 server says 25P02", "Z E"])
        let ending = "ROLLBACK; EXECUTE s"
        #expect(one.says(Frames.query(ending)).server == ["C Ss", "S"], "two's is not run")
        let passed = one.hears(Frames.closeComplete, Frames.ready("E"))
        #expect(passed.server == ["Q \(ending)"] && passed.client.isEmpty)
        one.hears(Frames.complete("ROLLBACK"), Frames.error("26000"), Frames.ready("I"))
        #expect(one.says(Frames.query("EXECUTE s"), on: server).server == ["P s: SELECT 1", "S"])
    }

    @Test("that a client has under another name is spoken of by that client's name")
    func errorsInOwnNames() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(one, "SELECT 1", on: server)
        two.says(Frames.parse("t", "SELECT 1"), Frames.sync, on: server)
        two.hears(Frames.closeComplete, Frames.parseComplete, Frames.ready("I"))
        two.says(Frames.bind("t", ["7"]), Frames.execute, Frames.sync, on: server)
        let words =
            "SERROR\0VERROR\0C08P01\0Mbind message supplies 1 parameters, but prepared statement \"s\" requires 0\0\0"
        let answer = two.hears(Frames.message("E", Array(words.utf8)), Frames.ready("I"))
        let told = "bind message supplies 1 parameters, but prepared statement \"t\" requires 0"
        #expect(answer.client == ["E 08P01 \(told)", "Z I"])
    }

    @Test("can be prepared in the batch after one in which its Parse failed")
    func parsedAgain() {
        let (server, client) = (servers.server(), servers.client())
        let first = client.says(
            Frames.parse("s", "SELECT nope"),
            Frames.sync,
            Frames.parse("s", "SELECT 1"),
            Frames.sync,
            on: server
        )
        #expect(first.server == ["P s: SELECT nope", "S"], "the second waits for what becomes of the first")
        let second = client.hears(Frames.error("42703"), Frames.ready("I"))
        #expect(second.server.isEmpty)
        #expect(client.last == .lease)
        #expect(client.says([], on: server).server == ["P pgml_gateway_1: SELECT 1", "S"])
        #expect(client.hears(Frames.parseComplete, Frames.ready("I")).client == ["1", "Z I"])
    }

    @Test("whose PREPARE failed leaves its name free")
    func failedPrepareThere() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("PREPARE s AS SELECT nope"), on: server)
        client.hears(Frames.error("42703"), Frames.ready("I"))
        let answer = client.says(Frames.parse("s", "SELECT 1"), Frames.sync, on: server)
        #expect(answer.client.isEmpty)
        #expect(answer.server.last == "S")
    }

    @Test("that SQL may have prepared stays behind with the server connection")
    func preparedElsewhere() {
        let (server, other) = (servers.server(), servers.server())
        let (one, two) = (servers.client(), servers.client())
        prepare(two, "SELECT 2", on: other)
        one.says(Frames.query("SELECT 1/0; PREPARE s AS SELECT 1"), on: server)
        one.hears(Frames.error("22012"), Frames.ready("I"))
        one.session.detach()
        let answer = one.says(Frames.query("EXECUTE s"), on: other)
        #expect(answer.server.contains("Q EXECUTE s") == false, "it is the other client's on this connection")
    }

    @Test("that SQL has prepared is closed on its server connection, and nowhere else")
    func closingFromSQL() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("PREPARE s AS SELECT 1"), on: server)
        client.hears(Frames.complete("PREPARE"), Frames.ready("I"))
        // Somebody else needs the connection, and it is asked whether the statement is still there.
        client.session.detach()
        #expect(client.says(Frames.close("s"), Frames.sync).client.isEmpty)
        #expect(client.last == .lease)
        #expect(client.says([], on: server).server == ["C Ss", "S"])
    }

    @Test("is placed under its name within the batch that deallocates it")
    func deallocateInBatch() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(two, "SELECT 2", on: server)
        prepare(one, "SELECT 1", on: server)
        let batch = one.says(
            Frames.parse("", "DEALLOCATE s"),
            Frames.bind(""),
            Frames.execute,
            Frames.sync,
            on: server
        )
        #expect(batch.server == ["P : DEALLOCATE s", "H"], "what names stand for has to be known first")
        let deallocation = one.hears(Frames.parseComplete)
        #expect(deallocation.client == ["1"])
        #expect(deallocation.server == ["C Ss", "P s: SELECT 1", "B", "E", "S"])
        let answer = one.hears(
            Frames.closeComplete,
            Frames.parseComplete,
            Frames.bindComplete,
            Frames.complete("DEALLOCATE"),
            Frames.ready("I")
        )
        #expect(answer.client == ["2", "C DEALLOCATE", "Z I"])
        #expect(two.says(Self.run, on: server).server == ["P s: SELECT 2", "B : s", "E", "S"])
    }

    @Test("that was deallocated further up in a pipeline is gone")
    func deallocatedInPipeline() {
        let (server, client) = (servers.server(), servers.client())
        let batch = client.says(
            Frames.parse("s", "SELECT 1"),
            Frames.parse("", "DEALLOCATE s"),
            Frames.bind(""),
            Frames.execute,
            Frames.bind("s"),
            Frames.sync,
            on: server
        )
        #expect(batch.server == ["P s: SELECT 1", "P : DEALLOCATE s", "H"])
        #expect(client.hears(Frames.parseComplete, Frames.parseComplete).server == ["B", "E", "H"])
        let answer = client.hears(Frames.bindComplete, Frames.complete("DEALLOCATE"))
        #expect(answer.server == ["P pgml-gateway: SELECT NULL::pg_catalog.\"denied by pgml-gateway\"", "S"])
        let end = client.hears(Frames.error("42704"), Frames.ready("I"))
        #expect(end.client == ["E 26000 prepared statement \"s\" does not exist", "Z I"])
    }

    @Test("whose name is taken is refused in PostgreSQL's words in an aborted transaction too, once its text is taken")
    func twiceInAbortedTransaction() {
        let (server, client) = (servers.server(), servers.client())
        prepare(client, "SELECT 1", on: server)
        client.says(Frames.query("BEGIN; SELECT nope"), on: server)
        client.hears(Frames.complete("BEGIN"), Frames.error("42703"), Frames.ready("E"))
        client.says(Frames.parse("s", ""), Frames.sync)
        let answer = client.hears(
            Frames.parseComplete,
            Frames.closeComplete,
            Frames.error("25P02"),
            Frames.ready("E")
        )
        #expect(answer.client == ["E 42P05 prepared statement \"s\" already exists", "Z E"])
    }

    @Test("without a name is there when only an earlier Parse of a pipeline was skipped")
    func skippedBeforeUnnamed() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("BEGIN"), on: server)
        client.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        client.says(Frames.parse("t", "SELECT nope"), Frames.parse("", "SELECT 1"), Frames.sync)
        client.says(Frames.parse("", "SELECT 2"), Frames.sync)
        client.hears(Frames.error("42703"), Frames.ready("E"), Frames.parseComplete, Frames.ready("E"))
        #expect(client.says(Frames.bind(""), Frames.sync).server == ["B", "S"])
    }

    @Test("is waited for with a Flush where COPY has swallowed the Sync")
    func swallowedSync() {
        let (server, client) = (servers.server(), servers.client())
        let copy = client.says(
            Frames.parse("", "COPY t FROM STDIN"),
            Frames.bind(""),
            Frames.execute,
            Frames.sync,
            Frames.copyDone,
            Frames.query("DEALLOCATE s"),
            on: server
        )
        #expect(copy.server == ["P : COPY t FROM STDIN", "B", "E", "S", "c", "H"])
        client.hears(Frames.parseComplete, Frames.bindComplete, Frames.copyIn)
        #expect(client.hears(Frames.complete("COPY 0")).server == ["Q DEALLOCATE s"])
        #expect(client.hasServer)
    }

    @Test("without a name is gone behind a denied Parse of one, and known behind a Query that an error skipped")
    func unnamedInPipelines() {
        let (server, client) = (servers.server(), servers.client())
        let denied = client.says(
            Frames.parse("", "SELECT 1"),
            Frames.sync,
            Frames.parse("", "SELECT forbidden()"),
            Frames.sync,
            Frames.bind(""),
            Frames.sync,
            on: server
        )
        let substitute = "P : SELECT NULL::pg_catalog.\"denied by pgml-gateway\""
        #expect(denied.server == ["P : SELECT 1", "S", substitute, "S"])
        #expect(client.hears(Frames.parseComplete, Frames.ready("I")).server == [])
        let gone = client.hears(Frames.error("42704"), Frames.ready("I"))
        #expect(gone.client.suffix(2) == ["E 26000 unnamed prepared statement does not exist", "Z I"])

        client.says(Frames.query("BEGIN"), on: server)
        client.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        client.says(Frames.parse("", "SELECT 1"), Frames.bind("", ["too many"]), Frames.query("SELECT 2"))
        client.hears(Frames.parseComplete, Frames.error("08P01"))
        #expect(client.says(Frames.sync).server == ["S"])
        client.hears(Frames.ready("E"))
        #expect(client.says(Frames.bind(""), Frames.sync).server == ["B", "S"])
    }

    @Test("that two names stand for is not taken for prepared by the answer to an earlier Parse")
    func twoNames() {
        let (server, client) = (servers.server(), servers.client())
        let batch = client.says(
            Frames.parse("b", "SELECT 1"),
            Frames.sync,
            Frames.parse("t", "SELECT nope"),
            Frames.parse("a", "SELECT 1"),
            Frames.sync,
            Frames.bind("a"),
            Frames.sync,
            on: server
        )
        #expect(batch.server == ["P b: SELECT 1", "S", "P t: SELECT nope", "C Sb", "P b: SELECT 1", "S"])
        #expect(client.hears(Frames.parseComplete, Frames.ready("I")).server == [], "the Bind waits")
        let answer = client.hears(Frames.error("42703"), Frames.ready("I"))
        #expect(answer.client.suffix(2) == ["E 26000 prepared statement \"a\" does not exist", "Z I"])
    }

    @Test("of another client's is not what an executed DEALLOCATE removes")
    func executedDeallocation() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(two, "SELECT 2", on: server)
        one.says(Frames.parse("d", "DEALLOCATE s"), Frames.sync, on: server)
        one.hears(Frames.parseComplete, Frames.ready("I"))
        #expect(one.says(Frames.query("EXECUTE d"), on: server).server == ["C Ss", "S"])
        #expect(one.hears(Frames.closeComplete, Frames.ready("I")).server == ["Q EXECUTE d"])
        one.hears(Frames.error("26000"), Frames.ready("I"))
        #expect(two.says(Self.run, on: server).server.contains("P s: SELECT 2"))
    }

    @Test("is gone once it was removed among other statements", arguments: ["DEALLOCATE s", "DEALLOCATE ALL"])
    func deallocatedAmongOthers(text: String) {
        let (server, client) = (servers.server(), servers.client())
        prepare(client, "SELECT 1", on: server)
        client.says(Frames.query("\(text); PREPARE s AS SELECT 2"), on: server)
        let tag = text == "DEALLOCATE s" ? "DEALLOCATE" : text
        client.hears(Frames.complete(tag), Frames.complete("PREPARE"), Frames.ready("I"))
        #expect(client.says(Self.run, on: server).server == ["B : s", "E", "S"], "what PREPARE made")
        client.hears(Frames.bindComplete, Frames.complete("SELECT 1"), Frames.ready("I"))
        client.says(Frames.query("SELECT 1; DEALLOCATE s"), on: server)
        client.hears(Frames.complete("SELECT 1"), Frames.complete("DEALLOCATE"), Frames.ready("I"))
        #expect(client.says(Self.run).client.first?.hasPrefix("E 26000") == true)
    }

    @Test("is there as long as the DEALLOCATE behind an error was not run")
    func notDeallocated() {
        let (server, client) = (servers.server(), servers.client())
        prepare(client, "SELECT 1", on: server)
        client.says(Frames.query("SELECT nope; DEALLOCATE s"), on: server)
        client.hears(Frames.error("42703"), Frames.ready("I"))
        let name = "pgml_gateway_1"
        #expect(client.says(Self.run, on: server).server == ["P \(name): SELECT 1", "B : \(name)", "E", "S"])
    }

    @Test("reads no draws of others' when SQL executes it", arguments: ["EXECUTE s", "SELECT 1; EXECUTE s"])
    func executedDraws(text: String) {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(one, "SELECT lastval()", on: server)
        two.says(Frames.query("INSERT INTO t DEFAULT VALUES"), on: server)
        two.hears(Frames.complete("INSERT 0 1"), Frames.ready("I"))
        #expect(one.says(Frames.query(text), on: server).server == ["Q DISCARD SEQUENCES"])
        #expect(one.hears(Frames.complete("DISCARD SEQUENCES"), Frames.ready("I")).server == ["Q \(text)"])
        one.hears(Frames.error("55000"), Frames.ready("I"))
    }

    @Test("reads no statements of others' when SQL executes it")
    func executedList() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        two.says(Frames.parse("other", "SELECT 2"), Frames.sync, on: server)
        two.hears(Frames.parseComplete, Frames.ready("I"))
        prepare(one, "TABLE pg_prepared_statements", on: server)
        let arranged = one.says(Frames.query("EXECUTE s"), on: server).server
        #expect(arranged.sorted() == ["C Sother", "C Ss", "P s: TABLE pg_prepared_statements", "S"])
        let passed = one.hears(Frames.closeComplete, Frames.closeComplete, Frames.parseComplete, Frames.ready("I"))
        #expect(passed.server == ["Q EXECUTE s"])
    }

    @Test("that SQL fails to make again and again leaves no more names in doubt than a server connection may have")
    func boundedDoubts() {
        let servers = SharedServers(limits: SessionLimits(maximumServerStatements: 4))
        let (server, client) = (servers.server(), servers.client())
        for number in 1...20 {
            let said = client.says(Frames.query("PREPARE s\(number) AS SELECT nope"), on: server).server
            if said.last == "S" {
                #expect(said.count == 5, "four are closed")
                client.hears(Frames.closeComplete, Frames.closeComplete, Frames.closeComplete, Frames.closeComplete)
                client.hears(Frames.ready("I"))
            }
            client.hears(Frames.error("42703"), Frames.ready("I"))
            #expect(server.statements.all.count <= 4)
        }
    }

    @Test("waits for no end of a COPY that nothing has begun", arguments: [Frames.copyDone, Frames.message("f", [0])])
    func strayCopyEnd(end: [UInt8]) {
        for text in ["DEALLOCATE s", "SELECT 1; EXECUTE s"] {
            let servers = SharedServers([])
            let (server, client) = (servers.server(), servers.client())
            prepare(client, "SELECT 1", on: server)
            client.says(Frames.parse("", "SELECT 2"), end, Frames.query(text), on: server)
            #expect(client.hears(Frames.parseComplete).server == ["Q \(text)"])
        }
    }

    @Test("that SQL has prepared can be closed and prepared anew in one batch")
    func closedFromSQL() {
        let (server, client) = (servers.server(), servers.client())
        client.says(Frames.query("PREPARE s AS SELECT 1"), on: server)
        client.hears(Frames.complete("PREPARE"), Frames.ready("I"))
        let batch = client.says(Frames.close("s"), Frames.parse("s", "SELECT 2"), Frames.sync, on: server)
        #expect(batch.server == ["C Ss", "H"])
        let parse = client.hears(Frames.closeComplete)
        #expect(parse.server == ["P pgml_gateway_1: SELECT 2", "S"])
        #expect(client.hears(Frames.parseComplete, Frames.ready("I")).client == ["1", "Z I"])
    }

    @Test("is run from no portal that a Query has replaced")
    func unnamedPortal() {
        for message in [Frames.execute, Frames.describe] {
            let client = servers.client()
            client.says(Frames.query("BEGIN"), on: servers.server())
            client.hears(Frames.complete("BEGIN"), Frames.ready("T"))
            client.says(Frames.parse("", "SELECT 1"), Frames.bind(""), Frames.sync)
            client.hears(Frames.parseComplete, Frames.bindComplete, Frames.ready("T"))
            client.says(Frames.query("SELECT 1/0"))
            client.hears(Frames.error("22012"), Frames.ready("E"))
            let substitute = "P pgml-gateway: SELECT NULL::pg_catalog.\"denied by pgml-gateway\""
            #expect(client.says(message, Frames.sync).server == [substitute, "S"], "PostgreSQL 15 would crash")
            let answer = client.hears(Frames.error("25P02"), Frames.ready("E"))
            #expect(answer.client == ["E 34000 portal \"\" does not exist", "Z E"])
        }
    }

    @Test("of another client goes before any of one's own is prepared, so that no error leaves it")
    func othersFirst() {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        for (client, text) in [(two, "SELECT 2"), (one, "SELECT 1")] {
            for name in ["a", "b"] {
                client.says(Frames.parse(name, "\(text), '\(name)'"), Frames.sync, on: server)
                client.hears(Frames.parseComplete, Frames.ready("I"))
            }
        }
        let arranged = one.says(Frames.query("EXECUTE a; EXECUTE b"), on: server)
        #expect(arranged.server == ["C Sa", "C Sb", "P a: SELECT 1, 'a'", "P b: SELECT 1, 'b'", "S"])
    }

    @Test("of another client survives DEALLOCATE ALL and DISCARD ALL", arguments: ["DEALLOCATE ALL", "DISCARD ALL"])
    func deallocateAll(text: String) {
        let server = servers.server()
        let (one, two) = (servers.client(), servers.client())
        prepare(one, "SELECT 1", on: server)
        prepare(two, "SELECT 2", on: server)
        #expect(one.says(Frames.query(text), on: server).server == ["Q \(text)"])
        one.hears(Frames.complete(text), Frames.ready("I"))
        #expect(one.says(Frames.bind("s"), Frames.sync).client.first?.hasPrefix("E 26000") == true)
        let again = two.says(Self.run, on: server)
        #expect(again.server == ["P s: SELECT 2", "B : s", "E", "S"])
    }
}
