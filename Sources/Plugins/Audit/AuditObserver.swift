import PluginAPI

/// Has recorded what sessions of one identity are told.
final class AuditObserver: OutcomeObserver {
    private let audit: Audit
    private let session: SessionIdentity
    // Made when there is something to record: to explain a statement opens no log.
    private lazy var recorder = Recorder(audit, session)
    let wantsTexts: Bool

    init(_ audit: Audit, _ session: SessionIdentity) {
        self.audit = audit
        self.session = session
        wantsTexts = audit.writesFullText(of: session)
    }

    func statementEnded(_ outcome: borrowing StatementOutcome) { recorder.record(outcome) }

    func wouldBeRefused(_ event: borrowing ReportEvent) { recorder.record(event) }

    func sessionBegan(_ event: borrowing SessionEvent) { recorder.recordBegin(event) }

    func sessionEnded(_ event: borrowing SessionEvent) { recorder.recordEnd(event) }
}
