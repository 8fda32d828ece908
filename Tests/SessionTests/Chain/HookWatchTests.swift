import PluginAPI
import SQLInspection
import Synchronization
import Testing

@testable import Session

@Suite("Hooks that take too long")
struct HookWatchTests {
    private let clock = StrideClock()

    @Test("are named by file and phase, and those that do not are not")
    func deciders() {
        let seen = Seen()
        let judge = judge(Plodder(), seen)
        clock.stride = HookWatch.limit
        _ = judge.judge("SELECT $1::text", identity: .nobody, parameters: [.null])
        #expect(seen.hooks == [])
        clock.stride = HookWatch.limit + 1
        _ = judge.judge("SELECT $1::int, 2", identity: .nobody, parameters: [.null])
        _ = judge.startUp([], identity: .nobody)
        #expect(seen.hooks == ["plod.toml statement", "plod.toml bind", "plod.toml startup"])
    }

    @Test("are looked for when a statement is seen for the first time")
    func firstSight() {
        let seen = Seen()
        let judge = judge(Plodder(), seen)
        for _ in 0..<5 { _ = judge.judge("SELECT 1", identity: .nobody, parameters: nil) }
        #expect(clock.readings == 2)
    }

    @Test("are looked for once in 64 calls of a gate or an observer")
    func sampling() {
        let seen = Seen()
        clock.stride = HookWatch.limit + 1
        let watch = HookWatch(clock: clock) { seen.hooks.append("\($0.file) \($0.phase.rawValue)") }
        let gate = MeasuredGate(Gate(), file: "gate.toml", watch: watch)
        for _ in 0..<130 {
            let event = AdmissionEvent(
                session: .nobody,
                sessionNumber: 1,
                statements: [],
                isRefused: false,
                holdsServer: false,
                now: 0,
                constants: ReadConstants(values: []),
                parameters: nil
            )
            _ = gate.admit(event)
        }
        #expect(seen.hooks == Array(repeating: "gate.toml admission", count: 3))
    }

    private func judge(_ plugin: any Plugin, _ seen: Seen) -> Judge {
        Judge(
            chain: PluginChain([PluginChain.Link(file: "plod.toml", plugin: plugin)]),
            limits: Inspector.Limits(),
            clock: clock,
            watch: HookWatch(clock: clock) { seen.hooks.append("\($0.file) \($0.phase.rawValue)") }
        )
    }
}

private final class Seen {
    var hooks: [String] = []
}

/// A clock that goes on by `stride` whenever it is read.
private final class StrideClock: SessionClock {
    var nanoseconds: UInt64 = 0
    var stride: UInt64 = 1
    private(set) var readings = 0

    func readNanoseconds() -> UInt64 {
        readings += 1
        nanoseconds += stride
        return nanoseconds
    }
}

private struct None: Decodable {}

private struct Plodder: StartupDecider, StatementDecider, BindDecider {
    static let kind = "plodder"

    init() {}
    init(configuration: None, context: PluginContext) {}

    func decide(_ event: borrowing StartupEvent) -> StartupVerdict { .forward }

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        event.facts.parameterCount > 0 ? .forwardInspecting(parameters: [1]) : .forward
    }

    func decide(_ event: borrowing BindEvent) -> BindVerdict { .forward }
}

private final class Gate: AdmissionGate {
    func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict { .forward }

    func release(sessionNumber: Int) {}
}
