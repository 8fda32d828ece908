import Session
import TestSupport
import Testing

@testable import Engine

@Suite struct SlowHooksTests {
    @Test func `A plugin is named once a minute, with file and phase`() {
        let log = KeptLog()
        let hooks = SlowHooks()
        let second: UInt64 = 1_000_000_000
        func note(_ file: String, _ phase: HookWatch.Phase, at time: UInt64) {
            let hook = HookWatch.SlowHook(file: file, phase: phase, nanoseconds: 7_900_000)
            hooks.note(hook, now: time, log.logger)
        }
        note("a.toml", .statement, at: second)
        note("a.toml", .bind, at: 2 * second)
        note("b.toml", .bind, at: 2 * second)
        note("a.toml", .bind, at: 60 * second)
        note("a.toml", .startup, at: 61 * second)
        #expect(
            log.lines.map { $0.prefix { $0 != "," } } == [
                "warning a.toml: its statement hook took 7 ms", "warning b.toml: its bind hook took 7 ms",
                "warning a.toml: its startup hook took 7 ms",
            ]
        )
    }
}
