import PluginAPI

/// Which of many calls are measured.
private struct Sampling {
    private var count: UInt8 = 0

    /// Whether this call is; the first is, and one in 64 behind it.
    mutating func isDue() -> Bool {
        defer { count &+= 1 }
        return count & 63 == 0
    }
}

/// A gate whose time is looked at now and then.
final class MeasuredGate: AdmissionGate {
    private let gate: any AdmissionGate
    private let file: String
    private let watch: HookWatch
    private var sampling = Sampling()

    init(_ gate: any AdmissionGate, file: String, watch: HookWatch) {
        self.gate = gate
        self.file = file
        self.watch = watch
    }

    func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict {
        guard sampling.isDue() else { return gate.admit(event) }
        let start = watch.begin()
        let verdict = gate.admit(event)
        watch.end(start, file, .admission)
        return verdict
    }

    func wantsValues(of statement: JudgedStatement) -> Bool { gate.wantsValues(of: statement) }

    var allowance: Int { gate.allowance }

    func release(sessionNumber: Int) { gate.release(sessionNumber: sessionNumber) }
}

/// An observer whose time is looked at now and then. Itself none: that makes calls of it direct.
final class MeasuredObserver {
    private let observer: any OutcomeObserver
    private let file: String
    private let watch: HookWatch?
    private var sampling = Sampling()

    init(_ observer: any OutcomeObserver, file: String, watch: HookWatch?) {
        self.observer = observer
        self.file = file
        self.watch = watch
    }

    var wantsTexts: Bool { observer.wantsTexts }

    func statementEnded(_ outcome: borrowing StatementOutcome) {
        guard let watch, sampling.isDue() else { return observer.statementEnded(outcome) }
        let start = watch.begin()
        observer.statementEnded(outcome)
        watch.end(start, file, .observation)
    }

    func wouldBeRefused(_ event: borrowing ReportEvent) { observer.wouldBeRefused(event) }

    func sessionBegan(_ event: borrowing SessionEvent) {
        let start = watch?.begin()
        observer.sessionBegan(event)
        if let start { watch?.end(start, file, .observation) }
    }

    func sessionEnded(_ event: borrowing SessionEvent) {
        let start = watch?.begin()
        observer.sessionEnded(event)
        if let start { watch?.end(start, file, .observation) }
    }
}
