internal import CSystem
internal import Glibc

/// The signals the gateway answers.
public enum Signal: Sendable, Hashable, CaseIterable {
    /// Reload the configuration.
    case hangUp
    /// Ctrl-C: end as SIGTERM does.
    case interrupt
    /// Let running transactions finish, then end.
    case terminate
    /// Tell in the log what has been done so far.
    case user1

    var number: Int32 {
        switch self {
        case .hangUp: SIGHUP
        case .interrupt: SIGINT
        case .terminate: SIGTERM
        case .user1: SIGUSR1
        }
    }
}

/// Delivers signals as events of a reactor, by way of signalfd: no handler runs in the middle of anything.
public final class SignalSource: EventSource {
    private let handler: (Signal) -> Void

    /// Keeps the signals from their default actions, and SIGPIPE from everything. Call it on the main thread before
    /// any other thread is started: threads inherit the mask, and one that lacks it would be killed by a SIGTERM.
    public static func blockSignals() {
        var set = signalSet()
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Registers itself. `handler` runs on the reactor, once for all signals of a kind that came together.
    public init(reactor: Reactor, handler: @escaping (Signal) -> Void) throws(SystemError) {
        var set = Self.signalSet()
        let descriptor = try SystemError.check("create a signalfd") {
            unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        }
        self.handler = handler
        super.init(descriptor: descriptor, reactor: reactor)
        do {
            try reactor.add(self, interest: .read)
        } catch {
            close()
            throw error
        }
    }

    /// Reads one signal; level-triggered as the reactor is, the next comes in the next iteration.
    public override func readable() {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        let count = unsafe withUnsafeMutableBytes(of: &info) { unsafe read(descriptor, $0.baseAddress, size) }
        guard count == size else { return }
        guard let signal = Signal.allCases.first(where: { UInt32($0.number) == info.ssi_signo }) else { return }
        handler(signal)
    }

    private static func signalSet() -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in Signal.allCases { unsafe sigaddset(&set, signal.number) }
        return set
    }
}
