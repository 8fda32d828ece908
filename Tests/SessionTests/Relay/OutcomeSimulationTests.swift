import PluginAPI
import PostgresWire
import Testing

@testable import Session

/// Answers what it is sent as PostgreSQL would, but for errors, which come as the dice fall.
private struct ToyServer {
    var random: SeededGenerator
    private var skips = false
    private var status: Character = "I"
    /// What has not been answered, with the text of the statement that it is about.
    private var waiting: [(message: String, text: String)] = []
    private var parsed = ""
    /// Statements that were sent to be run, and what was refused before it could be.
    private(set) var mustEnd = 0
    private(set) var completed = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    var isIdle: Bool { waiting.isEmpty }

    mutating func hear(_ messages: [String]) {
        for message in messages {
            // Statements that differ in constants only share a verdict, by which they are told apart.
            if message.first == "P" { parsed = message.filter { !$0.isNumber } }
            waiting.append((message, parsed))
            switch message.first {
            case "Q" where !message.contains("denied by"): mustEnd += message.split(separator: ";").count
            case "E": mustEnd += 1
            default: break
            }
        }
    }

    /// The answer to the eldest message.
    mutating func answer() -> [UInt8] {
        let (message, text) = waiting.removeFirst()
        if message == "S" {
            skips = false
            return Frames.ready(end())
        }
        guard !skips else { return [] }
        switch message.first {
        case "Q": return query(message)
        case "P":
            let isRefused = message.contains("denied by") || message.contains("nope")
            return isRefused ? fail(message, text) : Frames.parseComplete
        case "B": return fails(1, in: 10) ? fail(message, text) : Frames.bindComplete
        case "E": return fails(1, in: 5) ? fail(message, text) : complete()
        case "C": return Frames.closeComplete
        default: return []
        }
    }

    private mutating func query(_ message: String) -> [UInt8] {
        var answer: [UInt8] = []
        for statement in message.dropFirst(2).split(separator: ";") {
            if statement.contains("denied by") || fails(1, in: 6) {
                if status == "T" { status = "E" }
                return answer + Frames.error("42000") + Frames.ready(end())
            }
            if statement.contains("BEGIN") { status = "T" }
            if statement.contains("COMMIT") { status = "I" }
            answer += complete()
        }
        return answer + Frames.ready(end())
    }

    private mutating func complete() -> [UInt8] {
        completed += 1
        return Frames.complete("SELECT 1")
    }

    /// A failed transaction is over at once, so that the next statements have something to do.
    private mutating func end() -> Character {
        if status == "E" { status = "I" }
        return status
    }

    private mutating func fail(_ message: String, _ text: String) -> [UInt8] {
        // What the client prepares or binds in vain is a statement that failed, once with the Execute behind it.
        let isRun = waiting.prefix { $0.message != "S" }.contains { $0.message.first == "E" && $0.text == text }
        if message.first == "B" || message.contains("nope"), !isRun { mustEnd += 1 }
        skips = true
        if status == "T" { status = "E" }
        return Frames.error("42000")
    }

    private mutating func fails(_ share: Int, in all: Int) -> Bool { Int.random(in: 0..<all, using: &random) < share }
}

/// The same numbers for the same seed (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Counts what it is told and asked.
private final class Counter: SessionObserver, OutcomeObserver, AdmissionDecider, AdmissionGate,
    @unchecked Sendable
{
    struct Configuration: Decodable {}
    static let kind = "counter"

    var ended = 0
    var completed = 0
    var denied = 0
    var admitted = 0
    var released = 0
    let wantsTexts: Bool

    /// - Parameter wantsTexts: most of what is under way is kept differently then.
    init(wantsTexts: Bool) { self.wantsTexts = wantsTexts }
    init() { wantsTexts = false }
    init(configuration: Configuration, context: PluginContext) throws { wantsTexts = false }

    func observer(of session: SessionIdentity) -> any OutcomeObserver { self }
    func gate(for session: SessionIdentity) -> any AdmissionGate { self }

    func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict {
        if !event.isRefused { admitted += 1 }
        return .forward
    }

    func release(sessionNumber: Int) { released += 1 }

    func statementEnded(_ outcome: borrowing StatementOutcome) {
        if case .denied = outcome.outcome { denied += 1 } else { ended += 1 }
        if case .completed = outcome.outcome { completed += 1 }
    }

    func sessionBegan(_ event: borrowing SessionEvent) {}
    func sessionEnded(_ event: borrowing SessionEvent) {}
}

@Suite("Outcomes of random sessions")
struct OutcomeSimulationTests {
    private static let texts = ["SELECT 1", "SELECT 2", "SELECT nope", "SELECT forbidden()"]
    private static let queries = texts + ["SELECT 1;SELECT 2;SELECT 3", "BEGIN", "COMMIT", "BEGIN;SELECT 1"]

    @Test("Each statement that was sent ends exactly once; each that a gate let pass is released", arguments: 1...40)
    func everyStatementEndsOnce(seed: UInt64) {
        let counter = Counter(wantsTexts: seed.isMultiple(of: 3))
        let servers = SharedServers([counter, ProbePlugin()])
        let client = servers.client()
        let connection = servers.server()
        var server = ToyServer(seed: seed)
        for _ in 0..<120 {
            server.hear(client.says(burst(&server.random), on: connection).server)
            // Sometimes the client goes on before it has read its answers.
            while !server.isIdle, Int.random(in: 0..<4, using: &server.random) > 0 {
                server.hear(client.hears(server.answer()).server)
            }
        }
        if seed.isMultiple(of: 2) {
            server.hear(client.says(Frames.sync, on: connection).server)
            while !server.isIdle { server.hear(client.hears(server.answer()).server) }
            #expect(client.session.runs == nil || client.session.transactionStatus != .idle)
        } else {
            // The client vanishes with whatever is under way.
            client.session.close()
        }
        #expect(counter.admitted == counter.released)
        #expect(counter.ended == server.mustEnd)
        #expect(counter.completed == server.completed)
        #expect(counter.ended > 50 && counter.denied > 0)
    }

    private func burst(_ random: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            return Frames.query(Self.queries.randomElement(using: &random)!)
        default:
            var batch: [UInt8] = []
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                batch += Frames.parse("", Self.texts.randomElement(using: &random)!) + Frames.bind("")
                for _ in 0..<Int.random(in: 0..<3, using: &random) { batch += Frames.execute }
            }
            return batch + (Int.random(in: 0..<5, using: &random) > 0 ? Frames.sync : [])
        }
    }
}
