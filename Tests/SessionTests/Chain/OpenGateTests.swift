import PluginAPI
import Testing

@testable import Session

@Suite("Gates that let statements pass unseen")
struct OpenGateTests {
    private static let millisecond: UInt64 = 1_000_000

    @Test("are asked again when 64 have passed, or 10 ms")
    func askedNowAndThen() {
        let gate = Turnstile(allowance: .max)
        let context = context([gate])
        for _ in 0..<64 { #expect(context.areGatesOpen(to: 1, at: 0)) }
        #expect(gate.asked == 1)
        #expect(context.areGatesOpen(to: 1, at: 0))
        #expect(gate.asked == 2)
        #expect(context.areGatesOpen(to: 1, at: 10 * Self.millisecond - 1))
        #expect(gate.asked == 2)
        #expect(context.areGatesOpen(to: 1, at: 10 * Self.millisecond))
        #expect(gate.asked == 3)
    }

    @Test("let no more pass than the narrowest of them says")
    func narrowest() {
        let narrow = Turnstile(allowance: 5)
        let context = context([Turnstile(allowance: .max), narrow, Turnstile(allowance: 7)])
        #expect(context.areGatesOpen(to: 3, at: 0))
        #expect(context.areGatesOpen(to: 2, at: 0))
        narrow.allowance = 1
        #expect(!context.areGatesOpen(to: 2, at: 0))
        #expect(context.areGatesOpen(to: 1, at: 0))
        narrow.allowance = 0
        #expect(!context.areGatesOpen(to: 1, at: 0))
    }

    @Test("are asked about each once one of them is closed, about a text without a statement too")
    func closed() {
        let context = context([Turnstile(allowance: .max), Turnstile(allowance: 0)])
        #expect(!context.areGatesOpen(to: 1, at: 0))
        #expect(!context.areGatesOpen(to: 0, at: 0))
    }

    @Test("that have closed meanwhile are heeded after 10 ms")
    func closing() {
        let gate = Turnstile(allowance: .max)
        let context = context([gate])
        #expect(context.areGatesOpen(to: 1, at: 0))
        gate.allowance = 0
        #expect(context.areGatesOpen(to: 1, at: 9 * Self.millisecond))
        #expect(!context.areGatesOpen(to: 1, at: 10 * Self.millisecond))
        #expect(!context.areGatesOpen(to: 1, at: 11 * Self.millisecond))
    }

    private func context(_ gates: [Turnstile]) -> PolicyContext {
        let links = gates.map { PluginChain.Link(file: "gate.toml", plugin: $0) }
        return PolicyContext(chain: PluginChain(links), generation: 0, identity: .nobody)
    }
}

private struct None: Decodable {}

/// Lets so many pass unseen, and counts how often it is asked.
private final class Turnstile: AdmissionDecider, AdmissionGate, @unchecked Sendable {
    static let kind = "turnstile"
    var asked = 0
    private var passing = 0

    init(allowance: Int) { passing = allowance }
    init(configuration: None, context: PluginContext) {}

    var allowance: Int {
        get {
            asked += 1
            return passing
        }
        set { passing = newValue }
    }

    func gate(for session: SessionIdentity) -> any AdmissionGate { self }
    func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict { .forward }
    func release(sessionNumber: Int) {}
}
