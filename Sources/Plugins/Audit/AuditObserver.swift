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
        var entry = Entry(event: event(outcome.outcome), session: outcome.sessionNumber, identity: identity)
        if let statement = outcome.statement {
            let fragment = StatementFragment.of(statement)
            entry.statement = fragment
            if wantsTexts, !fragment.mayHoldSecrets { addTexts(outcome, to: &entry) }
        }
        entry.index = outcome.place.index
        entry.count = outcome.place.count
        entry.duration = outcome.duration
        entry.bytes = outcome.bytes
        entry.isRewritten = outcome.replacement != nil
        if let note = outcome.note(of: audit.owner) { entry.note = unsafe unsafeDowncast(note, to: AdmissionNote.self) }
        ring.push(entry, mayBeLost: mayBeLost(outcome.outcome))
    }

    /// What was never forwarded is no reason to keep more than there is room for.
    private func mayBeLost(_ outcome: Outcome) -> Bool {
        if case .denied = outcome { return true }
        return !audit.deniesWhenFull
    }

    private func addTexts(_ outcome: borrowing StatementOutcome, to entry: inout Entry) {
        if let text = outcome.text, !Secrets.areLikely(in: text) { entry.text = text }
        if let text = outcome.replacement, !Secrets.areLikely(in: text) { entry.replacement = text }
    }

    private func event(_ outcome: Outcome) -> Entry.Event {
        switch outcome {
        case .completed(let tag): .allowed(rows: tag.rows, isSuspended: tag.rows == nil && tag.text == "suspended")
        case .failed(let sqlState): .failed(sqlState)
        case .cancelled: .cancelled
        case .aborted: .aborted
        case .denied(let sqlState, let message, let file, let rule):
            // The gateway's own messages may quote a text that could not be read.
            .denied(DenialDetail(sqlState: sqlState, message: file == nil ? nil : message, file: file, rule: rule))
        }
    }

    // MARK: Sessions

    func sessionBegan(_ event: borrowing SessionEvent) {
        let began = event.error.map { Entry.Event.sessionRefused(DenialDetail($0)) } ?? .sessionBegan
        ring.push(Entry(event: began, session: event.sessionNumber, identity: identity), mayBeLost: event.error != nil)
    }

    func sessionEnded(_ event: borrowing SessionEvent) {
        let ended = Entry.Event.sessionEnded(event.error.map { DenialDetail($0) })
        ring.push(Entry(event: ended, session: event.sessionNumber, identity: identity), mayBeLost: true)
    }
}

extension DenialDetail {
    convenience init(_ error: ErrorResponse) {
        self.init(sqlState: error.sqlState, message: error.message, file: nil, rule: nil)
    }
}
