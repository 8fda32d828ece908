/// Looks how long plugins' hooks take, on one reactor: one that is slow holds up every session there.
///
/// Deciders are measured each time they are asked, which is when a statement is seen for the first time, or when parameters
/// have to be judged. Gates and observers have a part in every statement: of their calls one in 64 is measured.
public final class HookWatch {
    /// A part that plugins take.
    public enum Phase: String, Sendable {
        case startup, statement, bind, admission, observation
        case parameterTypes = "parameter types"
    }

    /// A hook that took too long.
    public struct SlowHook: Sendable {
        /// The plugin's file.
        public let file: String
        /// What the plugin was asked.
        public let phase: Phase
        /// How long it took.
        public let nanoseconds: UInt64

        /// A hook of this plugin.
        public init(file: String, phase: Phase, nanoseconds: UInt64) {
            self.file = file
            self.phase = phase
            self.nanoseconds = nanoseconds
        }
    }

    /// Longer is too long, in nanoseconds: 5 ms.
    public static let limit: UInt64 = 5_000_000
    private let clock: any SessionClock
    private let report: (SlowHook) -> Void

    /// - Parameter report: is told of each hook that was seen to take longer than `limit`.
    public init(clock: any SessionClock, report: @escaping (SlowHook) -> Void) {
        self.clock = clock
        self.report = report
    }

    /// A hook is about to run.
    func begin() -> UInt64 { clock.readNanoseconds() }

    /// The hook that was about to run at `start` has returned.
    func end(_ start: UInt64, _ file: String, _ phase: Phase) {
        let time = clock.readNanoseconds() &- start
        if time > Self.limit { report(SlowHook(file: file, phase: phase, nanoseconds: time)) }
    }
}
