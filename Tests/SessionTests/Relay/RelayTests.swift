import PluginAPI
import PostgresWire
import SQLInspection
import Testing

@testable import Session

/// Whatever pieces bytes arrive in, the same messages come of them.
@Suite("Relaying")
struct RelayTests {
    @Test("gives the same result for every way to cut the client's bytes in two")
    func everySplit() {
        let bytes =
            Frames.parse("s", "SELECT watched($1)") + Frames.bind("s", ["good"]) + Frames.execute + Frames.sync
            + Frames.query("SELECT forbidden()")
        let whole = SessionScript().client(bytes).server
        for cut in 1..<bytes.count {
            let script = SessionScript()
            let first = script.client(Array(bytes[..<cut]))
            let second = script.client(Array(bytes[cut...]))
            #expect(first.server + second.server == whole, "cut at \(cut)")
        }
    }

    @Test("streams a Bind that nobody wants to see")
    func unwatchedBind() {
        let script = SessionScript(limits: SessionLimits(maximumInspectedBindBytes: 1024))
        script.client(Frames.parse("s", "SELECT $1"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        let bind = Frames.bind("s", [String(repeating: "x", count: 100_000)])
        var sent = 0
        for start in stride(from: 0, to: bind.count, by: 1000) {
            let piece = Array(bind[start..<min(bind.count, start + 1000)])
            let step = unsafe script.session.receive(fromClient: piece.span.bytes)
            #expect(step.discard == 0)
            sent += step.forward
        }
        #expect(sent == bind.count)
    }

    @Test("denies a watched Bind beyond the limit on its first bytes, and drops the rest as it comes")
    func watchedBindTooLong() {
        let script = SessionScript(limits: SessionLimits(maximumInspectedBindBytes: 1024))
        script.client(Frames.parse("s", "SELECT watched($1)"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        let bind = Frames.bind("s", [String(repeating: "x", count: 100_000)])
        #expect(script.client(Array(bind[..<200])).server.count == 1)
        #expect(script.client(Array(bind[200...]), Frames.sync).server == ["S"])
        #expect(script.server(Frames.error("42704")).client == ["E 53400 the parameters are too long to be inspected"])
    }

    @Test("ends a session whose client breaks the framing")
    func brokenFraming() {
        for bytes: [UInt8] in [
            [0x51, 0, 0, 0, 3], [0x51, 0xff, 0xff, 0xff, 0xff], [0x21, 0, 0, 0, 4], [0x53, 0, 1, 0, 0],
        ] {
            let script = SessionScript()
            let answer = script.client(bytes)
            #expect(answer.client.first?.hasPrefix("E FATAL 08P01") == true)
            #expect(script.last == .close)
        }
    }

    @Test("ends a session whose server says what nothing asked for")
    func brokenServer() {
        let script = SessionScript()
        #expect(script.server(Frames.bindComplete).client.first?.hasPrefix("E FATAL 08P01") == true)
        #expect(script.last == .close)
    }

    @Test("lets the server finish what was asked before Terminate, and close")
    func terminateWhileBusy() {
        let script = SessionScript()
        let sent = script.client(Frames.query("SELECT 1"), Frames.message("X"), Frames.sync)
        #expect(sent.server == ["Q SELECT 1", "X"])
        #expect(script.last != .close)
        #expect(script.server(Frames.complete("SELECT 1"), Frames.ready("I")).client == ["C SELECT 1", "Z I"])
        #expect(!script.session.isQuiescent, "the server closes: its connection is nobody's any more")
        let idle = SessionScript()
        #expect(idle.client(Frames.message("X")).server.isEmpty)
        #expect(idle.last == .close)
    }

    @Test("puts no last word into the middle of a server's message, and relays nothing after one")
    func lastWord() {
        let script = SessionScript()
        script.client(Frames.query("SELECT 1"))
        let row = Frames.message("D", [UInt8](repeating: 0, count: 100))
        let (head, rest) = (Array(row[..<50]), Array(row[50...]))
        _ = unsafe script.session.receive(fromServer: head.span.bytes)
        script.session.end(.fatal(.connectionFailure, "gone"))
        #expect(script.session.toClient.isEmpty)
        let step = unsafe script.session.receive(fromServer: rest.span.bytes)
        #expect((step.forward, step.discard) == (0, 55))
    }

    @Test("holds nothing of a statement that nobody judges")
    func unjudged() {
        let script = SessionScript([])
        let start = Array(Frames.query("SELECT '" + String(repeating: "x", count: 100_000))[..<1000])
        let step = unsafe script.session.receive(fromClient: start.span.bytes)
        #expect((step.forward, step.next) == (1000, .proceed))
    }

    @Test("ends a session below whose statements the encoding was changed")
    func changedEncoding() {
        let script = SessionScript()
        let answer = script.server(Frames.message("S", Array("client_encoding\0SJIS\0".utf8)))
        #expect(answer.client.first?.hasPrefix("E FATAL 42501") == true)
        #expect(script.last == .close)
    }

    @Test("gives a known template's verdict only to texts whose deciding literals are the same")
    func literalsThatDecide() {
        let script = SessionScript()
        for _ in 0..<3 {
            #expect(script.client(Frames.query("SELECT watched('good')")).server == ["Q SELECT watched('good')"])
            script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
            script.client(Frames.query("SELECT watched('bad')"))
            #expect(script.server(Frames.error("42704")).client == ["E 42501 bad is not allowed"])
            script.server(Frames.ready("I"))
        }
    }

    @Test("refuses to change what inspection rests on")
    func guards() {
        for sql in [
            "SET client_encoding = 'SJIS'", "SET NAMES 'SJIS'", "SET standard_conforming_strings = off",
            "SELECT set_config('client_encoding', 'SJIS', false)", "SELECT set_config($1, 'off', false)",
            "UPDATE pg_settings SET setting = 'off' WHERE name = 'standard_conforming_strings'",
        ] {
            let script = SessionScript()
            script.client(sql.contains("$1") ? Frames.parse("", sql) : Frames.query(sql))
            #expect(script.server(Frames.error("42704")).client.first?.hasPrefix("E 42501 changing ") == true, "\(sql)")
        }
        let script = SessionScript()
        #expect(script.client(Frames.query("SET NAMES 'utf8'")).server.count == 1)
    }
}
