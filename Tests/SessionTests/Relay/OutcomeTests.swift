import PluginAPI
import PostgresWire
import SQLInspection
import Testing

@testable import Session

/// Notes what it is told, in words.
private final class Recorder: SessionObserver, OutcomeObserver, @unchecked Sendable {
    struct Configuration: Decodable {}
    static let kind = "recorder"

    var heard: [String] = []
    var notes: [String] = []
    var spent: [UInt64] = []
    var wantsTexts = true

    init() {}
    init(configuration: Configuration, context: PluginContext) throws {}

    func observer(of session: SessionIdentity) -> any OutcomeObserver { self }

    func statementEnded(_ outcome: borrowing StatementOutcome) {
        let what = outcome.statement?.normalizedText ?? "?"
        let place = outcome.place.count > 1 ? " \(outcome.place.index + 1)/\(outcome.place.count)" : ""
        let end =
            switch outcome.outcome {
            case .completed(let completion):
                "\(outcome.tag ?? "\(completion.end)"), \(completion.rows.map(String.init) ?? "no") rows"
            case .failed(let sqlState): sqlState.rawValue
            case .cancelled: "cancelled"
            case .aborted: "aborted"
            case .unanswered: "unanswered"
            case .denied(let denied):
                "denied \(denied.sqlState.rawValue) by \(denied.rule ?? "the gateway") of \(denied.file ?? "no file")"
            }
        let reports = outcome.statement?.reports.map { " (\($0.denial.message), says \($0.file))" }.joined() ?? ""
        heard.append("\(what)\(place): \(end)\(reports)")
        spent.append(outcome.duration)
        if let note = outcome.note(of: Note.owner) as? Note { notes.append(note.text) }
    }

    func wouldBeRefused(_ event: borrowing ReportEvent) {
        heard.append("\(event.statement?.normalizedText ?? "?"): would be refused, \(event.report.denial.message)")
    }

    func sessionBegan(_ event: borrowing SessionEvent) { heard.append("began") }
    func sessionEnded(_ event: borrowing SessionEvent) { heard.append("ended") }
}

/// What a gate keeps with a message.
private final class Note: Sendable {
    static let owner = Note("")
    let text: String

    init(_ text: String) { self.text = text }
}

/// Answers as the test says, and counts.
private final class Gate: AdmissionDecider, AdmissionGate, @unchecked Sendable {
    struct Configuration: Decodable {}
    static let kind = "gate"

    var verdict = AdmissionVerdict.forward
    var asked: [String] = []
    var released = 0
    var keepsNotes = false

    init() {}
    init(configuration: Configuration, context: PluginContext) throws {}

    func gate(for session: SessionIdentity) -> any AdmissionGate { self }

    func wantsValues(of statement: JudgedStatement) -> Bool { !statement.facts.calls.isEmpty }

    func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict {
        let values = event.statements.indices.compactMap { event.value(ofConstant: 0, in: $0) }
        let parameter = if case .text(let text, _) = event.value(ofParameter: 1) { " $1=\(text)" } else { "" }
        let executed = event.statements.indices.compactMap { event.executed(by: $0) }.map {
            let given = if case .text(let text, _) = $0.value(ofParameter: 1) { text } else { "?" }
            return " runs \($0.statement.facts.kinds[0].rawValue) \($0.value(ofConstant: 0) ?? "?") \(given)"
        }
        asked.append(
            "\(event.statements.count)\(event.isRefused ? " refused" : "") \(values)\(parameter)\(executed.joined())"
        )
        if keepsNotes { event.keep(Note("\(asked.count)"), of: Note.owner) }
        return verdict
    }

    func release(sessionNumber: Int) { released += 1 }
}

private final class TestClock: SessionClock {
    var nanoseconds: UInt64 = 0
    func readNanoseconds() -> UInt64 { nanoseconds }
}

@Suite("What becomes of statements")
struct OutcomeTests {
    private let recorder = Recorder()
    private let gate = Gate()
    private let clock = TestClock()
    private let servers: SharedServers

    init() { servers = SharedServers([gate, ProbePlugin(), recorder], clock: clock) }

    private func begin() -> (SharedClient, ServerState) {
        let client = servers.client()
        recorder.heard = []
        return (client, servers.server())
    }

    @Test("is told of each statement of a Query: done, failed, or behind the one that failed")
    func query() {
        let (client, server) = begin()
        client.says(Frames.query("SELECT 1; SELECT 2/0; SELECT 3"), on: server)
        client.hears(Frames.complete("SELECT 1"), Frames.error("22012"), Frames.ready("I"))
        #expect(
            recorder.heard == [
                "SELECT $1 1/3: SELECT 1, 1 rows", "SELECT $1/$2 2/3: 22012", "SELECT $1 3/3: aborted",
            ]
        )
        #expect(gate.asked.count == 1 && gate.released == 1)
    }

    @Test("is told in their order of what ran alone and of what was sent behind it, where nobody wants texts")
    func withoutTexts() {
        recorder.wantsTexts = false
        let (client, server) = begin()
        client.says(Frames.query("SELECT 1"), on: server)
        clock.nanoseconds = 1000
        client.says(Frames.query("SELECT 2, 2; SELECT 3"), Frames.query("SELECT lower('4')"), on: server)
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        client.says(Frames.query("SELECT 5/0"), on: server)
        client.hears(Frames.complete("SELECT 2"), Frames.error("22012"), Frames.ready("I"))
        client.hears(Frames.complete("SELECT 4"), Frames.ready("I"), Frames.error("22012"), Frames.ready("I"))
        client.says(Frames.query("SELECT 6"), on: server)
        client.session.close()
        #expect(
            recorder.heard == [
                "SELECT $1: SELECT 1, 1 rows", "SELECT $1, $2 1/2: SELECT 2, 2 rows", "SELECT $1 2/2: 22012",
                "SELECT lower($1): SELECT 4, 4 rows", "SELECT $1/$2: 22012", "SELECT $1: unanswered", "ended",
            ]
        )
        #expect(recorder.spent == [1000, 0, 0, 0, 0, 0])
    }

    @Test("is told of each Execute, and of what an error has skipped")
    func extended() {
        let (client, server) = begin()
        client.says(
            Frames.parse("", "SELECT 1"),
            Frames.bind(""),
            Frames.execute,
            Frames.parse("", "SELECT 2"),
            Frames.bind(""),
            Frames.execute,
            Frames.sync,
            on: server
        )
        client.hears(
            Frames.parseComplete,
            Frames.bindComplete,
            Frames.complete("SELECT 12"),
            Frames.error("42703"),
            Frames.ready("I")
        )
        #expect(
            recorder.heard == ["SELECT $1: SELECT 12, 12 rows", "SELECT $1: 42703"]
        )
        #expect(gate.asked.count == 2 && gate.released == 2)
    }

    @Test("gets what a gate has kept with the message: with each run of it, and with no other")
    func notes() {
        let (client, server) = begin()
        gate.keepsNotes = true
        client.says(Frames.query("SELECT 1; SELECT 2"), on: server)
        client.hears(Frames.complete("SELECT 1"), Frames.complete("SELECT 1"), Frames.ready("I"))
        client.says(
            Frames.parse("", "SELECT 1"),
            Frames.bind(""),
            Frames.execute,
            Frames.execute,
            Frames.bind(""),
            Frames.execute,
            Frames.sync,
            on: server
        )
        client.hears(
            Frames.parseComplete,
            Frames.bindComplete,
            Frames.complete("SELECT 1"),
            Frames.complete("SELECT 1"),
            Frames.bindComplete,
            Frames.complete("SELECT 1"),
            Frames.ready("I")
        )
        #expect(recorder.notes == ["1", "1", "2", "2", "3"])
    }

    @Test("is told by which rule a statement was denied; the others of its Query are aborted")
    func denied() {
        let (client, server) = begin()
        client.says(Frames.query("SELECT 1; SELECT forbidden('x')"), on: server)
        #expect(
            recorder.heard == [
                "SELECT $1 1/2: aborted", "SELECT forbidden($1) 2/2: denied 42501 by probe of plugins.d/2.toml",
            ]
        )
        #expect(gate.asked == ["2 refused []"] && gate.released == 0)
        gate.verdict = .deny(Denial("too fast", rule: "limit", hint: "wait", sqlState: .configurationLimitExceeded))
        let refused = client.says(Frames.query("SELECT forbidden('x')"), on: server)
        #expect(refused.client == ["E 53400 too fast", "Z I"], "who probes is limited too")
    }

    @Test("is told of what a session leaves undone, once, and of its end")
    func sessionEnd() {
        let (client, server) = begin()
        client.says(Frames.query("SELECT 1"), on: server)
        client.session.close()
        client.session.close()
        #expect(recorder.heard == ["SELECT $1: unanswered", "ended"])
        #expect(gate.released == 1)
    }

    @Test("is told of a cancel as such")
    func cancelled() {
        let (client, server) = begin()
        client.says(Frames.query("SELECT 1"), on: server)
        client.hears(Frames.error("57014"), Frames.ready("I"))
        #expect(recorder.heard == ["SELECT $1: cancelled"])
    }

    @Test("waits for the time that a gate names, without a server connection, and is asked once")
    func delayed() {
        let (client, server) = begin()
        gate.verdict = .delay(until: 5)
        #expect(client.says(Frames.query("SELECT 1")).server.isEmpty)
        #expect(client.last == .hold && client.session.heldUntil == 5)
        clock.nanoseconds = 5
        #expect(client.says([], on: server).server == ["Q SELECT 1"])
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(gate.asked.count == 1 && gate.released == 1)
    }

    @Test("asks for a Bind right behind its Parse before either has a server connection, once")
    func bindBehindParse() {
        let (client, server) = begin()
        gate.verdict = .delay(until: 5)
        let batch = [Frames.parse("", "SELECT lower($1)"), Frames.bind("", ["def"]), Frames.execute, Frames.sync]
        // Of what a gate wants to see, all is waited for.
        #expect(client.says(batch[0], Array(batch[1].dropLast(2))).server.isEmpty)
        #expect(client.last == .needMore(batch[0].count + batch[1].count))
        client.says(Array(batch[1].suffix(2)), batch[2], batch[3], on: server)
        #expect(client.last == .hold && !client.hasServer)
        clock.nanoseconds = 5
        #expect(client.says([], on: server).server == ["P : SELECT lower($1)", "B", "E", "S"])
        client.hears(Frames.parseComplete, Frames.bindComplete, Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(gate.asked == ["1 [] $1=def"] && gate.released == 1)
        #expect(recorder.heard == ["SELECT lower($1): SELECT 1, 1 rows"])
        // The next is asked for itself, and so is one whose statement is older than its Parse.
        gate.verdict = .forward
        client.says(Frames.parse("a", "SELECT 1"), Frames.bind(""), Frames.execute, Frames.sync, on: server)
        client.hears(Frames.parseComplete, Frames.bindComplete, Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(gate.asked.count == 2 && gate.released == 2)
    }

    @Test("refuses a Bind right behind its Parse without a server connection, and what follows up to Sync")
    func refusedBindBehindParse() {
        let (client, server) = begin()
        gate.verdict = .deny(Denial("too many", rule: "r", hint: "h"))
        let batch = [Frames.parse("s", "SELECT 1"), Frames.bind("s"), Frames.execute, Frames.sync]
        #expect(client.says(batch.flatMap { $0 }) == ([], ["E 42501 too many", "Z I"]))
        gate.verdict = .forward
        // A Parse that is refused after all takes its Bind with it.
        let other = [Frames.parse("s", "SELECT 1", types: [13]), Frames.bind("s"), Frames.execute, Frames.sync]
        client.says(other.flatMap { $0 }, on: server)
        client.session.close()
        #expect(gate.asked.count { !$0.contains("refused") } == 2 && gate.released == 1)
    }

    @Test("is not decided by what was held before and skipped")
    func heldAndSkipped() {
        let (client, server) = begin()
        client.says(Frames.parse("", "SELECT 1"), Frames.bind(""), Frames.execute, on: server)
        gate.verdict = .delay(until: 5)
        client.says(Frames.query("SELECT lower('x')"))
        #expect(client.last == .hold)
        client.hears(Frames.parseComplete, Frames.bindComplete, Frames.error("22012"))
        clock.nanoseconds = 5
        #expect(client.says([]).server.isEmpty, "skipped")
        gate.verdict = .forward
        client.says(Frames.sync)
        client.hears(Frames.ready("I"))
        let other = client.says(Frames.query("SELECT forbidden('x')"), on: server)
        #expect(other.client.first?.hasPrefix("E 42501 forbidden") == true)
        client.session.close()
        #expect(gate.released == gate.asked.count { !$0.contains("refused") })
    }

    @Test("waits for a gate's decision, and is refused by it")
    func pending() {
        let (client, _) = begin()
        let decision = PendingAdmission()
        gate.verdict = .pending(decision)
        #expect(client.says(Frames.query("SELECT 1")).server.isEmpty)
        #expect(client.last == .hold)
        decision.resolve(.deny(Denial("disk is full", rule: "guarantee", hint: "make room", sqlState: .diskFull)))
        #expect(client.says([]).client == ["E 53100 disk is full", "Z I"])
        #expect(recorder.heard == ["SELECT $1: denied 53100 by guarantee of plugins.d/1.toml"])
        #expect(gate.released == 1)
    }

    @Test("shows a gate the values it wants, of texts and of parameters")
    func values() {
        let (client, server) = begin()
        client.says(Frames.query("SELECT lower('abc')"), on: server)
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        client.says(Frames.parse("", "SELECT lower($1)"), Frames.bind("", ["def"]), Frames.sync, on: server)
        #expect(gate.asked == ["1 [\"abc\"]", "1 [] $1=def"])
    }

    @Test("is as ever where a plugin only reports, and observers hear of it")
    func report() {
        servers.judge.adopt(
            PluginChain([
                PluginChain.Link(file: "gate.toml", plugin: gate, isReport: true),
                PluginChain.Link(file: "probe.toml", plugin: ProbePlugin(), isReport: true),
                PluginChain.Link(file: "recorder.toml", plugin: recorder),
            ])
        )
        let (client, server) = begin()
        gate.verdict = .deny(Denial("too fast", rule: "limit", hint: "wait"))
        #expect(client.says(Frames.query("SELECT forbidden(1)"), on: server).server == ["Q SELECT forbidden(1)"])
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        client.says(Frames.parse("", "SELECT watched($1)"), Frames.bind("", ["bad"]), Frames.sync, on: server)
        client.hears(Frames.parseComplete, Frames.bindComplete, Frames.ready("I"))
        #expect(
            recorder.heard == [
                "SELECT forbidden($1): would be refused, too fast",
                "SELECT forbidden($1): SELECT 1, 1 rows (forbidden is not allowed, says probe.toml)",
                "SELECT watched($1): would be refused, bad is not allowed",
                "SELECT watched($1): would be refused, too fast",
            ]
        )
        #expect(gate.released == 0, "it has let nothing pass")
    }

    @Test("is as ever where a plugin only reports what it would rewrite, and observers hear of it")
    func reportedRewrite() {
        servers.judge.adopt(
            PluginChain([
                PluginChain.Link(file: "rewrite.toml", plugin: Shout(), isReport: true),
                PluginChain.Link(file: "recorder.toml", plugin: recorder),
            ])
        )
        let (client, server) = begin()
        #expect(client.says(Frames.query("SELECT lower('x')"), on: server).server == ["Q SELECT lower('x')"])
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        let report = "(the statement would be rewritten, says rewrite.toml)"
        #expect(recorder.heard == ["SELECT lower($1): SELECT 1, 1 rows \(report)"])
    }

    @Test("shows a gate what EXECUTE runs, with its values, whoever prepared it")
    func execute() {
        let (client, server) = begin()
        client.says(Frames.query("PREPARE p AS SELECT lower('abc' || $1); EXECUTE p('x')"), on: server)
        #expect(gate.asked == ["2 [\"abc\", \"x\"] runs PREPARE abc x"])
        client.hears(Frames.complete("PREPARE"), Frames.complete("SELECT 1"), Frames.ready("I"))
        client.says(Frames.query("EXECUTE p('y')"), on: server)
        #expect(gate.asked.last == "1 [] runs PREPARE abc y")
    }

    @Test("asks gates about texts that cannot be read")
    func unreadable() {
        let (client, server) = begin()
        client.says(Frames.query("SELEC"), on: server)
        #expect(gate.asked == ["0 refused []"] && gate.released == 0)
    }

    @Test("cancels what a gate holds: before its time, and before its decision")
    func cancelHeld() {
        let (client, _) = begin()
        #expect(!client.session.cancelHeld())
        gate.verdict = .delay(until: 5)
        client.says(Frames.query("SELECT 1"))
        #expect(client.session.cancelHeld())
        #expect(client.says([]).client == ["E 57014 canceling statement due to user request", "Z I"])
        #expect(gate.released == 1, "a delayed statement was admitted")
        let decision = PendingAdmission()
        gate.verdict = .pending(decision)
        client.says(Frames.query("SELECT 1"))
        #expect(client.session.cancelHeld())
        #expect(client.says([]).client == ["E 57014 canceling statement due to user request", "Z I"])
        #expect(!decision.resolve(.forward) && gate.released == 2)
    }

    @Test("refuses what nobody has decided in time, and waits on after a decision that came early")
    func deadline() {
        let (client, server) = begin()
        let denial = Denial("too late", rule: "limit", hint: "", sqlState: .configurationLimitExceeded)
        gate.verdict = .pending(PendingAdmission(deadline: .init(time: 5, denial: denial)))
        client.says(Frames.query("SELECT 1"))
        #expect(client.session.heldUntil == 5)
        clock.nanoseconds = 5
        #expect(client.says([]).client == ["E 53400 too late", "Z I"])
        #expect(gate.released == 1)
        let decision = PendingAdmission(notBefore: 9)
        gate.verdict = .pending(decision)
        client.says(Frames.query("SELECT 1"))
        decision.resolve(.forward)
        client.says([])
        #expect(client.last == .hold && client.session.heldUntil == 9)
        clock.nanoseconds = 9
        #expect(client.says([], on: server).server == ["Q SELECT 1"])
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(gate.released == 2)
    }

    @Test("ends with its session what waits: both are released, and what is undecided is withdrawn")
    func endWhileHeld() {
        let (client, _) = begin()
        gate.verdict = .delay(until: 5)
        client.says(Frames.query("SELECT 1"))
        client.session.close()
        #expect(gate.released == 1)
        let (other, _) = begin()
        let decision = PendingAdmission()
        gate.verdict = .pending(decision)
        other.says(Frames.query("SELECT 1"))
        other.session.close()
        #expect(!decision.isAwaited && gate.released == 2)
    }

    @Test("keeps nobody waiting or out by a gate that only reports, and releases what it admitted alone")
    func reportingGate() {
        let links = [
            PluginChain.Link(file: "1.toml", plugin: gate, isReport: true),
            PluginChain.Link(file: "2.toml", plugin: ProbePlugin()),
        ]
        servers.judge.adopt(PluginChain(links))
        let (client, server) = begin()
        let denial = Denial("no", rule: "limit", hint: "", sqlState: .configurationLimitExceeded)
        let answers: [(AdmissionVerdict, Int)] = [
            (.deny(denial), 0), (.delay(until: 5), 1), (.pending(PendingAdmission()), 2), (.forward, 3),
        ]
        for (verdict, released) in answers {
            gate.verdict = verdict
            #expect(client.says(Frames.query("SELECT 1"), on: server).server == ["Q SELECT 1"])
            client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
            #expect(gate.released == released)
        }
    }

    @Test("waits at the gate it came to when another chain is loaded meanwhile")
    func reloadWhileHeld() {
        let (client, server) = begin()
        client.says(Frames.parse("s", "SELECT 1"), Frames.sync, on: server)
        client.hears(Frames.parseComplete, Frames.ready("I"))
        gate.verdict = .delay(until: 5)
        client.says(Frames.bind("s"), Frames.execute, Frames.sync)
        #expect(client.last == .hold)
        servers.judge.adopt(PluginChain([PluginChain.Link(file: "new.toml", plugin: NoPlugin())]))
        client.says([])
        #expect(client.last == .hold)
        clock.nanoseconds = 5
        #expect(client.says([], on: server).server == ["B : s", "E", "S"])
        client.hears(Frames.bindComplete, Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(gate.released == 1)
        #expect(client.says(Frames.query("SELECT 1")).client == ["E 42501 no", "Z I"])
    }

    @Test("goes over to another chain between transactions, and what was prepared is judged by that")
    func reload() {
        let (client, server) = begin()
        client.says(Frames.parse("s", "SELECT 1"), Frames.sync, on: server)
        client.hears(Frames.parseComplete, Frames.ready("I"))
        client.says(Frames.query("BEGIN"), on: server)
        client.hears(Frames.complete("BEGIN"), Frames.ready("T"))
        servers.judge.adopt(PluginChain([PluginChain.Link(file: "new.toml", plugin: NoPlugin())]))
        #expect(client.says(Frames.bind("s"), Frames.sync).server == ["B : s", "S"], "the transaction goes on")
        client.hears(Frames.bindComplete, Frames.ready("T"))
        client.says(Frames.query("COMMIT"))
        client.hears(Frames.complete("COMMIT"), Frames.ready("I"))
        let refused = client.says(Frames.bind("s"), Frames.sync)
        #expect(refused.client == ["E 42501 no", "Z I"])
    }
}

/// Refuses everything.
private struct Shout: StatementRewriter {
    struct Configuration: Decodable {}
    static let kind = "shout"

    init() {}
    init(configuration: Configuration, context: PluginContext) throws {}

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict { .rewrite("SELECT upper('x')") }
}

private struct NoPlugin: StatementDecider {
    struct Configuration: Decodable {}
    static let kind = "no"

    init() {}
    init(configuration: Configuration, context: PluginContext) throws {}

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict { .deny(Denial("no", rule: "no", hint: "no")) }
}
