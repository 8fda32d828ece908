import Testing

@testable import Session

/// COPY … FROM STDIN: the server alone knows when it reads data, and Syncs it meets meanwhile are swallowed.
@Suite("COPY FROM STDIN")
struct CopyInTests {
    @Test("in a simple query: what follows waits until the server has said that it reads data")
    func simpleQuery() {
        let script = SessionScript()
        #expect(
            script.client(Frames.query("COPY t FROM STDIN"), Frames.query("SELECT 1")).server == ["Q COPY t FROM STDIN"]
        )
        #expect(script.last == .wait)
    }

    @Test("that is refused lets what waited go on")
    func refused() {
        let script = SessionScript()
        script.client(Frames.query("COPY t FROM STDIN"), Frames.query("SELECT 1"))
        #expect(script.server(Frames.error("42P01")).server == ["Q SELECT 1"])
        script.server(Frames.ready("I"))
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(!script.session.isBusy)
    }

    @Test("whose data is sent without waiting works, and so does what follows it")
    func withoutWaiting() {
        let script = SessionScript()
        let sent = script.client(
            Frames.query("COPY t FROM STDIN"),
            Frames.copyData("1\n"),
            Frames.copyDone,
            Frames.query("SELECT 1")
        )
        #expect(sent.server == ["Q COPY t FROM STDIN", "d", "c", "Q SELECT 1"])
        script.server(Frames.copyIn, Frames.complete("COPY 1"), Frames.ready("I"))
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(!script.session.isBusy)
    }

    @Test("in the extended protocol swallows the Sync before its data")
    func extended() {
        let script = SessionScript()
        script.client(Frames.parse("", "COPY t FROM STDIN"), Frames.bind(""), Frames.execute, Frames.sync)
        script.server(Frames.parseComplete, Frames.bindComplete, Frames.copyIn)
        script.client(Frames.copyData("1\n"), Frames.copyDone, Frames.sync)
        #expect(script.server(Frames.complete("COPY 1"), Frames.ready("I")).client == ["C COPY 1", "Z I"])
        #expect(!script.session.isBusy)
        #expect(script.client(Frames.query("SELECT 1")).server == ["Q SELECT 1"])
    }

    @Test("that fails in the extended protocol skips to the Sync behind it")
    func extendedFailure() {
        let script = SessionScript()
        script.client(Frames.parse("", "COPY t FROM STDIN"), Frames.bind(""), Frames.execute, Frames.sync)
        script.server(Frames.parseComplete, Frames.bindComplete, Frames.copyIn)
        script.client(Frames.copyData("nonsense\n"))
        script.server(Frames.error("22P02"))
        #expect(script.client(Frames.copyDone, Frames.query("SELECT 1"), Frames.sync).server == ["S"])
        #expect(script.server(Frames.ready("I")).client == ["Z I"])
        #expect(!script.session.isBusy)
    }

    @Test("that fails leaves a Sync among its data to be answered, and nothing in doubt")
    func failedBeforeSync() {
        let script = SessionScript()
        script.client(Frames.parse("", "COPY t FROM STDIN"), Frames.bind(""), Frames.execute, Frames.flush)
        script.server(Frames.parseComplete, Frames.bindComplete, Frames.copyIn)
        #expect(script.client(Frames.copyData("nonsense\n"), Frames.sync).server == ["d"])
        #expect(script.server(Frames.error("22P02")).server == ["S"])
        #expect(script.server(Frames.ready("I")).client == ["Z I"])
        #expect(script.client(Frames.query("SELECT 1")).server == ["Q SELECT 1"])
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(!script.session.isBusy)
    }

    @Test("sends no Sync into the middle of its data")
    func failedWithinData() {
        let script = SessionScript()
        script.client(Frames.parse("", "COPY t FROM STDIN"), Frames.bind(""), Frames.execute, Frames.flush)
        script.server(Frames.parseComplete, Frames.bindComplete, Frames.copyIn)
        let data = Frames.copyData("nonsense\n")
        let head = Frames.sync + Array(data[..<8])
        let step = unsafe script.session.receive(fromClient: head.span.bytes)
        #expect((step.forward, step.discard) == (0, 5))
        let start = Array(data[..<8])
        _ = unsafe script.session.receive(fromClient: start.span.bytes)
        #expect(script.server(Frames.error("22P02")).server.isEmpty)
        let rest = Array(data[8...])
        let last = unsafe script.session.receive(fromClient: rest.span.bytes)
        #expect(last.forward == rest.count)
        #expect(Frames.names(script.session.toServer) == ["S"])
    }

    @Test("that is not known to have begun takes no Sync behind its data")
    func earlyData() {
        let script = SessionScript()
        let sent = script.client(
            Frames.parse("", "COPY t FROM STDIN") + Frames.bind("") + Frames.execute + Frames.copyData("1\n")
                + Frames.sync
        )
        #expect(sent.server == ["P : COPY t FROM STDIN", "B", "E", "d", "H"])
        #expect(script.last == .wait)
        script.server(Frames.parseComplete, Frames.bindComplete)
        #expect(script.server(Frames.error("42P01")).server == ["S"])
    }

    @Test("ends the session at a message that is none of its own, whether or not it has failed meanwhile")
    func foreignMessage() {
        let script = SessionScript()
        script.client(Frames.query("COPY t FROM STDIN"))
        script.server(Frames.copyIn)
        let sent = script.client(Frames.copyData("nonsense\n"), Frames.bind("s", ["bad"]), Frames.sync)
        #expect(sent.server == ["d", "B", "X"])
    }

    @Test("that may be a portal's makes the server answer before what follows is sent")
    func possibleCopyInPipeline() {
        let script = SessionScript()
        script.client(Frames.parse("", "COPY t FROM STDIN"), Frames.bind(""))
        #expect(script.client(Frames.execute, Frames.execute, Frames.execute, Frames.sync).server == ["E", "H"])
        script.server(Frames.parseComplete, Frames.bindComplete)
        #expect(script.server(Frames.complete("SELECT 1")).server == ["E", "H"])
        #expect(script.server(Frames.complete("SELECT 1")).server == ["E", "S"])
    }

    @Test("that is skipped lets what waited go on")
    func skipped() {
        let script = SessionScript()
        script.client(Frames.parse("", "COPY t FROM STDIN"), Frames.bind(""), Frames.execute, Frames.sync)
        #expect(script.client(Frames.query("SELECT 1")).server == ["H"])
        #expect(script.server(Frames.parseComplete, Frames.error("08P01")).server == ["Q SELECT 1"])
        script.server(Frames.ready("I"), Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(!script.session.isBusy)
    }

    @Test("several times in one query: each may begin when the one before has ended")
    func repeated() {
        let script = SessionScript()
        script.client(Frames.query("COPY t FROM STDIN; COPY t FROM STDIN"))
        script.server(Frames.copyIn)
        script.client(Frames.copyData("1\n"), Frames.copyDone)
        script.server(Frames.complete("COPY 1"), Frames.copyIn)
        #expect(script.client(Frames.copyData("2\n"), Frames.copyDone).server == ["d", "c"])
        script.server(Frames.complete("COPY 1"), Frames.ready("I"))
        #expect(!script.session.isBusy)
    }
}
