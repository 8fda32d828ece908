import PluginAPI
import PostgresWire

/// Turns what sessions of one identity are told into entries.
final class AuditObserver: OutcomeObserver {
    private let audit: Audit
    // Made when there is something to record: to explain a statement opens no log.
    private lazy var recorder = Recorder(audit.log, session)
    private let session: SessionIdentity
    let wantsTexts: Bool

    init(_ audit: Audit, _ session: SessionIdentity) {
        self.audit = audit
        self.session = session
        wantsTexts = audit.writesFullText(of: session)
    }

    func statementEnded(_ outcome: borrowing StatementOutcome) {
        // What was never forwarded is no reason to keep more than there is room for.
        let mayBeLost = if case .denied = outcome.outcome { true } else { !audit.deniesWhenFull }
        let recorder = recorder
        recorder.ring.push(entry(of: outcome, recorder), mayBeLost: mayBeLost)
    }

    private func entry(of outcome: borrowing StatementOutcome, _ recorder: Recorder) -> Entry {
        var entry = recorder.entry(Self.event(outcome.outcome), session: outcome.sessionNumber)
        switch outcome.outcome {
        case .completed(let completion): entry.rows = completion.rows
        case .failed(let sqlState): entry.describe().denial = DenialDetail(sqlState: sqlState)
        case .denied(let denied):
            // The gateway's own messages may quote a text that could not be read.
            let message = denied.file == nil ? nil : denied.message
            entry.describe().denial = DenialDetail(
                sqlState: denied.sqlState,
                message: message,
                file: denied.file,
                rule: denied.rule
            )
        case .cancelled, .aborted, .unanswered: break
        }
        if let statement = outcome.statement {
            let fragment = StatementFragment.of(statement)
            entry.statement = fragment
            if wantsTexts, !fragment.mayHoldSecrets { addTexts(outcome, to: &entry) }
        }
        (entry.index, entry.count) = (Int32(clamping: outcome.place.index), Int32(clamping: outcome.place.count))
        entry.duration = outcome.duration
        entry.bytes = outcome.bytes
        entry.isRewritten = outcome.isRewritten
        if let note = outcome.note(of: audit.owner) {
            entry.describe().note = unsafe unsafeDowncast(note, to: AdmissionNote.self)
        }
        return entry
    }

    func wouldBeRefused(_ event: borrowing ReportEvent) {
        var entry = recorder.entry(.report, session: event.sessionNumber)
        if let statement = event.statement { entry.statement = StatementFragment.of(statement) }
        let denial = event.report.denial
        entry.describe().denial = DenialDetail(
            sqlState: denial.sqlState,
            message: denial.message,
            file: event.report.file,
            rule: denial.rule
        )
        // Like a refusal, it may be had without anything being forwarded.
        recorder.ring.push(entry, mayBeLost: true)
    }

    private func addTexts(_ outcome: borrowing StatementOutcome, to entry: inout Entry) {
        if let text = outcome.text, !Secrets.areLikely(in: text) { entry.describe().text = text }
        if let text = outcome.replacement, !Secrets.areLikely(in: text) { entry.describe().replacement = text }
    }

    private static func event(_ outcome: Outcome) -> Entry.Event {
        switch outcome {
        case .completed(let completion): completion.end == .suspended ? .suspended : .allowed
        case .failed: .failed
        case .cancelled: .cancelled
        case .aborted: .aborted
        case .unanswered: .unanswered
        case .denied: .denied
        }
    }

    // MARK: Sessions

    func sessionBegan(_ event: borrowing SessionEvent) {
        push(event.error == nil ? .sessionBegan : .sessionRefused, event, mayBeLost: event.error != nil)
    }

    func sessionEnded(_ event: borrowing SessionEvent) { push(.sessionEnded, event, mayBeLost: true) }

    private func push(_ what: Entry.Event, _ event: borrowing SessionEvent, mayBeLost: Bool) {
        var entry = recorder.entry(what, session: event.sessionNumber)
        if let error = event.error {
            entry.describe().denial = DenialDetail(sqlState: error.sqlState, message: error.message)
        }
        recorder.ring.push(entry, mayBeLost: mayBeLost)
    }
}
