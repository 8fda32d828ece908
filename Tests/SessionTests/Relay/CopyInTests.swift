import Testing

@testable import Session

/// COPY … FROM STDIN: the server alone knows when it reads data, and Syncs it meets meanwhile are swallowed.
@Suite("COPY FROM STDIN")
struct CopyInTests {
    @Test("in a simple query: what follows waits until the server has said that it reads data")
    func simpleQuery() {
        let script = SessionScript()
        #expect(script.client(Frames.query("COPY t FROM STDIN"), Frames.query("SELECT 1")).server == ["Q COPY t FROM STDIN"])
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
            Frames.query("COPY t FROM STDIN"), Frames.copyData("1\n"), Frames.copyDone, Frames.query("SELECT 1")
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

    @Test("that fails before it meets a Sync ends there: that Sync is a Sync")
    func failedBeforeSync() {
        let script = SessionScript()
        script.client(Frames.parse("", "COPY t FROM STDIN"), Frames.bind(""), Frames.execute, Frames.flush)
        script.server(Frames.parseComplete, Frames.bindComplete, Frames.copyIn)
        #expect(script.client(Frames.copyData("nonsense\n"), Frames.sync).server == ["d", "S"])
        #expect(script.server(Frames.error("22P02"), Frames.ready("I")).client.last == "Z I")
        #expect(script.client(Frames.query("SELECT 1")).server == ["Q SELECT 1"])
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(!script.session.isBusy)
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
