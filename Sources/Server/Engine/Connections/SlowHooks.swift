import Logging
import Session
import Synchronization

/// What the log says of hooks that take too long: of each plugin once a minute, over all reactors.
final class SlowHooks: Sendable {
    private static let pause: UInt64 = 60_000_000_000
    private let logged = Mutex<[String: UInt64]>([:])

    /// Logs a hook that took too long at `now` (in nanoseconds of the reactors' clock), unless its plugin was named of late.
    func note(_ hook: HookWatch.SlowHook, now: UInt64, _ logger: Logger) {
        let isDue = logged.withLock { logged in
            if let last = logged[hook.file], now &- last < Self.pause { return false }
            logged[hook.file] = now
            return true
        }
        guard isDue else { return }
        let limit = HookWatch.limit / 1_000_000
        logger.warning(
            """
            \(hook.file): its \(hook.phase.rawValue) hook took \(hook.nanoseconds / 1_000_000) ms, and held up every \
            session of its reactor; more than \(limit) ms is too long
            """
        )
    }
}
