import PluginAPI
import PostgresWire

/// Turns what sessions of one identity are told into entries.
final class AuditObserver: OutcomeObserver {
    private let audit: Audit
    // Made when there is something to record: to explain a statement opens no log.
    private lazy var ring = audit.log.ring()
    private lazy var identity = IdentityFragment(session, ring: ring.number)
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
        ring.push(entry(of: outcome), mayBeLost: mayBeLost)
    }

    private func entry(of outcome: borrowing StatementOutcome) -> Entry {
        var entry = Entry(Self.event(outcome.outcome), session: outcome.sessionNumber, identity: identity)
        switch outcome.outcome {
        case .completed(let tag): entry.rows = tag.rows
        case .failed(let sqlState): entry.describe().denial = DenialDetail(sqlState: sqlState)
        case .denied(let sqlState, let message, let file, let rule):
            // The gateway's own messages may quote a text that could not be read.
            let kept = file == nil ? nil : message
            entry.describe().denial = DenialDetail(sqlState: sqlState, message: kept, file: file, rule: rule)
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
        var entry = Entry(.report, session: event.sessionNumber, identity: identity)
        if let statement = event.statement { entry.statement = StatementFragment.of(statement) }
        let denial = event.report.denial
        entry.describe().denial = DenialDetail(
            sqlState: denial.sqlState,
            message: denial.message,
            file: event.report.file,
            rule: denial.rule
        )
        // Like a refusal, it may be had without anything being forwarded.
        ring.push(entry, mayBeLost: true)
    }

    private func addTexts(_ outcome: borrowing StatementOutcome, to entry: inout Entry) {
        if let text = outcome.text, !Secrets.areLikely(in: text) { entry.describe().text = text }
        if let text = outcome.replacement, !Secrets.areLikely(in: text) { entry.describe().replacement = text }
    }

    private static func event(_ outcome: Outcome) -> Entry.Event {
        switch outcome {
        case .completed(let tag): tag.isSuspended ? .suspended : .allowed
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
        var entry = Entry(what, session: event.sessionNumber, identity: identity)
        if let error = event.error {
            entry.describe().denial = DenialDetail(sqlState: error.sqlState, message: error.message)
        }
        ring.push(entry, mayBeLost: mayBeLost)
    }
}
