import Logging
import Session
import Synchronization
import Testing

@testable import Engine

@Suite struct SlowHooksTests {
    @Test func `A plugin is named once a minute, with file and phase`() {
        let log = Log()
        let logger = Logger(label: "test") { _ in log }
        let hooks = SlowHooks()
        let second: UInt64 = 1_000_000_000
        func note(_ file: String, _ phase: HookWatch.Phase, at time: UInt64) {
            let hook = HookWatch.SlowHook(file: file, phase: phase, nanoseconds: 7_900_000)
            hooks.note(hook, now: time, logger)
        }
        note("a.toml", .statement, at: second)
        note("a.toml", .bind, at: 2 * second)
        note("b.toml", .bind, at: 2 * second)
        note("a.toml", .bind, at: 60 * second)
        note("a.toml", .startup, at: 61 * second)
        #expect(
            log.lines.map { $0.prefix { $0 != "," } } == [
                "a.toml: its statement hook took 7 ms", "b.toml: its bind hook took 7 ms",
                "a.toml: its startup hook took 7 ms",
            ]
        )
    }
}

/// Keeps what is logged.
private final class Log: LogHandler {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) { kept.withLock { $0.append("\(event.message)") } }
}
