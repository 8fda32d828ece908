import PluginAPI
import PluginTestKit
import SQLInspection
import Synchronization
import Testing

/// The conformance suite itself: it finds what plugins must not do.
@Suite struct ViolationTests {
    @Test func `A plugin that refuses everything has none`() throws {
        #expect(try violations { _ in .deny(Denial("no", rule: "all", hint: "")) } == [])
    }

    @Test func `Forwarding what nobody can answer for is one, but for who only rewrites`() throws {
        #expect(try violations { _ in .forward } == ["forwards a statement whose facts are undecided"])
        #expect(try PluginConformance { Rewriter() }.violations() == [])
    }

    @Test func `Wavering is one`() throws {
        let asked = Mutex(0)
        let found = try violations { facts in
            guard facts.undecided == nil else { return .deny(Denial("no", rule: "", hint: "")) }
            let count = asked.withLock { count in
                count += 1
                return count
            }
            return count % 2 == 0 ? .forward : .deny(Denial("no", rule: "", hint: ""))
        }
        #expect(found.contains("decides in two ways on: SELECT 1"))
    }

    @Test func `Keeping facts is one`() throws {
        let kept = Mutex<[StatementFacts]>([])
        let found = try violations { facts in
            kept.withLock { $0.append(facts) }
            return .deny(Denial("no", rule: "", hint: ""))
        }
        #expect(found.contains("keeps the facts of: SELECT 1"))
    }

    @Test func `Wanting parameters without judging them is one`() throws {
        let found = try violations { facts in
            if facts.undecided != nil { return .deny(Denial("no", rule: "", hint: "")) }
            return facts.parameterCount > 0 ? .forwardInspecting(parameters: [1]) : .forward
        }
        #expect(
            found.contains(
                "wants parameters and judges none, since it is no BindDecider: SELECT pgml.embed($1, $2)"
            )
        )
    }

    @Test func `Forwarding parameters that cannot be read is one`() throws {
        let found = try PluginConformance { Credulous() }.violations()
        #expect(found.contains("forwards parameters that it wanted to see and could not: SELECT pgml.embed($1, $2)"))
    }

    @Test func `A gate or an observer that two reactors would share is one`() throws {
        #expect(
            try PluginConformance { Shared() }.violations()
                == ["gives two reactors the same gate", "gives two reactors the same observer"]
        )
    }

    private func violations(
        _ decide: @escaping @Sendable (StatementFacts) -> StatementVerdict
    ) throws -> [String] {
        try PluginConformance { Probe(decide) }.violations()
    }
}

private struct None: Decodable {}

private struct Probe: StatementDecider {
    static let kind = "probe"
    private let body: @Sendable (StatementFacts) -> StatementVerdict

    init(_ body: @escaping @Sendable (StatementFacts) -> StatementVerdict) { self.body = body }
    init(configuration: None, context: PluginContext) { self.init { _ in .forward } }

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict { body(event.facts) }
}

private struct Rewriter: StatementRewriter {
    static let kind = "rewriter"

    init() {}
    init(configuration: None, context: PluginContext) {}

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict { .forward }
}

private struct Credulous: StatementDecider, BindDecider {
    static let kind = "credulous"

    init() {}
    init(configuration: None, context: PluginContext) {}

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        if event.facts.undecided != nil { return .deny(Denial("no", rule: "", hint: "")) }
        return event.facts.parameterCount > 0 ? .forwardInspecting(parameters: [1]) : .forward
    }

    func decide(_ event: borrowing BindEvent) -> BindVerdict { .forward }
}

private final class Shared: AdmissionDecider, SessionObserver {
    static let kind = "shared"
    nonisolated(unsafe) private let one = Everything()

    init() {}
    init(configuration: None, context: PluginContext) {}

    func gate(for session: SessionIdentity) -> any AdmissionGate { unsafe one }
    func observer(of session: SessionIdentity) -> any OutcomeObserver { unsafe one }
}

private final class Everything: AdmissionGate, OutcomeObserver {
    let wantsTexts = false

    func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict { .forward }
    func release(sessionNumber: Int) {}
    func statementEnded(_ outcome: borrowing StatementOutcome) {}
    func sessionBegan(_ event: borrowing SessionEvent) {}
    func sessionEnded(_ event: borrowing SessionEvent) {}
}
