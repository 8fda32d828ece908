import PluginAPI
import PostgresWire
import Testing

@testable import Session

/// A verdict belongs to a statement, never to its name: what a Bind meets is what the server will run.
@Suite("A prepared statement's name")
struct StatementNameTests {
    private static let refusal = "P pgml-gateway: SELECT NULL::pg_catalog.\"denied by pgml-gateway\""

    @Test("keeps its old statement when closing and redefining it was skipped")
    func skippedRedefinition() {
        let script = SessionScript()
        script.client(Frames.parse("s", "SELECT watched($1)"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        // The first message fails on the server, so that s is neither closed nor redefined.
        script.client(
            Frames.parse("", "SELECT nope"),
            Frames.close("s"),
            Frames.parse("s", "SELECT $1"),
            Frames.sync
        )
        let early = script.client(Frames.bind("s", ["bad"]), Frames.execute, Frames.sync)
        #expect(early.server.isEmpty, "two outcomes are possible: nothing is sent before the server has spoken")
        #expect(script.server(Frames.error("42703")).server == [Self.refusal, "S"])
    }

    @Test("means the new statement once the server has confirmed it")
    func confirmedRedefinition() {
        let script = SessionScript()
        script.client(Frames.parse("s", "SELECT watched($1)"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        script.client(Frames.close("s"), Frames.parse("s", "SELECT $1"), Frames.sync)
        script.client(Frames.bind("s", ["bad"]), Frames.execute, Frames.sync)
        let answer = script.server(Frames.closeComplete, Frames.parseComplete, Frames.ready("I"))
        #expect(answer.server == ["B : s", "E", "S"])
    }

    @Test("that failed to be defined a second time stands for the first")
    func duplicate() {
        let script = SessionScript()
        script.client(Frames.parse("s", "SELECT watched($1)"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        script.client(Frames.parse("s", "SELECT $1"), Frames.sync)
        script.server(Frames.error("42P05"), Frames.ready("I"))
        #expect(script.client(Frames.bind("s", ["bad"]), Frames.sync).server == [Self.refusal, "S"])
    }

    @Test("is cut to 63 bytes, as the server cuts it")
    func longNames() {
        let stem = String(repeating: "n", count: 63)
        let script = SessionScript()
        script.client(Frames.parse(stem + "A", "SELECT watched($1)"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        #expect(script.client(Frames.bind(stem + "B", ["bad"]), Frames.sync).server == [Self.refusal, "S"])
    }

    @Test("used in the batch that defines it needs no answer in between")
    func oneBatch() {
        let script = SessionScript()
        let sent = script.client(
            Frames.parse("", "SELECT $1"),
            Frames.bind("", ["x"]),
            Frames.execute,
            Frames.parse("", "SELECT watched($1)"),
            Frames.bind("", ["good"]),
            Frames.execute,
            Frames.sync
        )
        #expect(sent.server == ["P : SELECT $1", "B", "E", "P : SELECT watched($1)", "B", "E", "S"])
    }

    @Test("given up by DEALLOCATE is gone once that is confirmed")
    func deallocate() {
        let script = SessionScript()
        script.client(Frames.parse("s", "SELECT 1"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        script.client(Frames.query("DEALLOCATE s"))
        script.server(Frames.complete("DEALLOCATE"), Frames.ready("I"))
        #expect(script.client(Frames.bind("s"), Frames.sync).server == [Self.refusal, "S"])
    }

    @Test("of the unnamed statement is not put out of step by closing what does not exist")
    func closingNothing() {
        let script = SessionScript()
        script.client(
            Frames.close("") + Frames.parse("", "SELECT watched($1)") + Frames.execute + Frames.parse("", "SELECT $1")
                + Frames.sync
        )
        // Execute fails: the second Parse is skipped, and the server keeps the first.
        script.server(Frames.closeComplete, Frames.parseComplete, Frames.error("34000"), Frames.ready("I"))
        #expect(script.client(Frames.bind("", ["bad"]), Frames.sync).server == [Self.refusal, "S"])
    }

    @Test("of the unnamed statement survives that closing it was skipped")
    func skippedClosing() {
        let script = SessionScript()
        script.client(Frames.execute, Frames.close(""), Frames.sync, Frames.parse("", "SELECT 1"), Frames.sync)
        script.server(Frames.error("34000"), Frames.ready("I"), Frames.parseComplete, Frames.ready("I"))
        #expect(script.client(Frames.bind(""), Frames.sync).server == ["B", "S"])
    }

    @Test("prepared by SQL after a DEALLOCATE that was not confirmed yet is not forgotten with it")
    func deallocateConfirmedLate() {
        let script = SessionScript()
        script.client(Frames.query("PREPARE s AS SELECT watched($1)"))
        script.server(Frames.complete("PREPARE"), Frames.ready("I"))
        script.client(Frames.query("DEALLOCATE s"), Frames.query("PREPARE s AS SELECT watched($1)"))
        // The server will refuse this, since s exists, and this Bind arrives before it has said so.
        script.client(Frames.parse("s", "SELECT $1"), Frames.sync)
        script.server(Frames.complete("DEALLOCATE"), Frames.ready("I"))
        #expect(script.client(Frames.bind("s", ["bad"]), Frames.execute, Frames.sync).server == [Self.refusal, "S"])
        script.server(Frames.complete("PREPARE"), Frames.ready("I"), Frames.error("42P05"), Frames.ready("I"))
        script.server(Frames.error("42704"), Frames.ready("I"))
        #expect(script.client(Frames.query("EXECUTE s('good')")).server == ["Q EXECUTE s('good')"])
    }

    @Test("prepared by SQL after a DEALLOCATE ALL that was not confirmed yet is not forgotten with it")
    func deallocateAllConfirmedLate() {
        let script = SessionScript()
        script.client(Frames.query("PREPARE a AS SELECT watched($1)"))
        script.server(Frames.complete("PREPARE"), Frames.ready("I"))
        script.client(Frames.query("DEALLOCATE ALL"), Frames.query("PREPARE s AS SELECT watched($1)"))
        script.client(Frames.parse("s", "SELECT $1"), Frames.sync)
        script.server(Frames.complete("DEALLOCATE ALL"), Frames.ready("I"))
        #expect(script.client(Frames.bind("s", ["bad"]), Frames.execute, Frames.sync).server == [Self.refusal, "S"])
    }

    @Test("is not given by a PREPARE in extended protocol, which prepares again whenever it runs")
    func prepareInExtendedProtocol() {
        let script = SessionScript()
        #expect(script.client(Frames.parse("p", "PREPARE s AS SELECT watched($1)")).server == [Self.refusal])
        let answer = script.server(Frames.error("42704"))
        #expect(answer.client == ["E 42501 PREPARE is not allowed in the extended protocol"])
    }

    @Test("counts once, however often SQL prepares and deallocates the same statement in one Query")
    func repeatedly() {
        let script = SessionScript(limits: SessionLimits(maximumPreparedStatements: 2))
        for _ in 1...5 {
            let sent = script.client(Frames.query("PREPARE s AS SELECT 1; DEALLOCATE s"))
            #expect(sent.server == ["Q PREPARE s AS SELECT 1; DEALLOCATE s"])
            script.server(Frames.complete("PREPARE"), Frames.complete("DEALLOCATE"), Frames.ready("I"))
        }
    }

    @Test("given by SQL again and again is one statement, and each other one counts")
    func limitInSQL() {
        let script = SessionScript(limits: SessionLimits(maximumPreparedStatements: 2))
        for _ in 0..<5 {
            let sent = script.client(Frames.query("PREPARE a AS SELECT watched($1)")).server
            #expect(sent == ["Q PREPARE a AS SELECT watched($1)"])
            script.server(Frames.error("42P05"), Frames.ready("I"))
        }
        script.client(Frames.query("PREPARE a AS SELECT watched($1), 1"))
        script.server(Frames.error("42P05"), Frames.ready("I"))
        script.client(Frames.query("PREPARE a AS SELECT watched($1), 2, 3"))
        let answer = script.server(Frames.error("42704"))
        #expect(answer.client == ["E 53400 too many prepared statements in this session"])
    }

    @Test("counts against a limit")
    func limit() {
        let script = SessionScript(limits: SessionLimits(maximumPreparedStatements: 1))
        script.client(Frames.parse("a", "SELECT 1"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        script.client(Frames.parse("b", "SELECT 1"), Frames.sync)
        let answer = script.server(Frames.error("42704"))
        #expect(answer.client == ["E 53400 too many prepared statements in this session"])
    }
}
