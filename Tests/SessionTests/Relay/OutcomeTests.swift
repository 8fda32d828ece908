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
    let wantsTexts = true

    init() {}
    init(configuration: Configuration, context: PluginContext) throws {}

    func observer(of session: SessionIdentity) -> any OutcomeObserver { self }

    func statementEnded(_ outcome: borrowing StatementOutcome) {
        let what = outcome.statement?.normalizedText ?? "?"
        let place = outcome.place.count > 1 ? " \(outcome.place.index + 1)/\(outcome.place.count)" : ""
        let end =
            switch outcome.outcome {
            case .completed(let tag): "\(tag.text), \(tag.rows.map(String.init) ?? "no") rows"
            case .failed(let sqlState): sqlState.rawValue
            case .cancelled: "cancelled"
            case .aborted: "aborted"
            case .denied(let sqlState, _, let file, let rule):
                "denied \(sqlState.rawValue) by \(rule ?? "the gateway") of \(file ?? "no file")"
            }
        heard.append("\(what)\(place): \(end)")
        if let note = outcome.note(of: Note.owner) as? Note { notes.append(note.text) }
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
        asked.append("\(event.statements.count)\(event.isRefused ? " refused" : "") \(values)\(parameter)")
        if keepsNotes { event.keep(Note("\(asked.count)"), of: Note.owner) }
        return verdict
    }

    func release() { released += 1 }
}

private final class TestClock: SessionClock {
    var nanoseconds: UInt64 = 0
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
        #expect(recorder.heard == ["SELECT $1: aborted", "ended"])
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

    @Test("waits for a gate's decision, and is refused by it")
    func pending() {
        let (client, _) = begin()
        let decision = PendingAdmission()
        gate.verdict = .pending(decision)
        #expect(client.says(Frames.query("SELECT 1")).server.isEmpty)
        #expect(client.last == .hold)
        decision.resolve(.deny(Denial("disk is full", rule: "guarantee", hint: "make room", sqlState: .diskFull)))
        #expect(client.says([]).client == ["E 53100 disk is full", "Z I"])
        #expect(recorder.heard == ["?: denied 53100 by guarantee of plugins.d/1.toml"])
        #expect(gate.released == 0)
    }

    @Test("shows a gate the values it wants, of texts and of parameters")
    func values() {
        let (client, server) = begin()
        client.says(Frames.query("SELECT lower('abc')"), on: server)
        client.hears(Frames.complete("SELECT 1"), Frames.ready("I"))
        client.says(Frames.parse("", "SELECT lower($1)"), Frames.bind("", ["def"]), Frames.sync, on: server)
        #expect(gate.asked == ["1 [\"abc\"]", "1 [] $1=def"])
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
private struct NoPlugin: StatementDecider {
    struct Configuration: Decodable {}
    static let kind = "no"

    init() {}
    init(configuration: Configuration, context: PluginContext) throws {}

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict { .deny(Denial("no", rule: "no", hint: "no")) }
}
