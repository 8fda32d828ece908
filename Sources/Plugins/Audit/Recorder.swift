import PluginAPI
import PostgresWire

/// Turns what sessions of one identity are told, on one reactor, into entries of the reactor's ring.
final class Recorder {
    let ring: Ring
    private let identity: IdentityFragment
    private let owner: any AnyObject & Sendable
    private let deniesWhenFull: Bool
    private let writesFullText: Bool

    init(_ audit: Audit, _ session: SessionIdentity) {
        ring = audit.log.ring()
        identity = IdentityFragment(session, ring: ring.number)
        owner = audit.owner
        deniesWhenFull = audit.deniesWhenFull
        writesFullText = audit.writesFullText(of: session)
    }

    /// An entry of the identity's.
    func entry(_ event: Entry.Event, session: Int) -> Entry { Entry(event, session: session, identity: identity) }

    // MARK: Statements

    func record(_ outcome: borrowing StatementOutcome) {
        let entry = entry(of: outcome)
        // What was never forwarded is no reason to keep more than there is room for.
        let mayBeLost = entry.event == .denied || !deniesWhenFull
        ring.push(entry, mayBeLost: mayBeLost)
    }

    private func entry(of outcome: borrowing StatementOutcome) -> Entry {
        var entry = entry(.allowed, session: outcome.sessionNumber)
        switch outcome.outcome {
        case .completed(let completion):
            if completion.end == .suspended { entry.event = .suspended }
            entry.rows = completion.rows
        case .failed(let sqlState):
            entry.event = .failed
            entry.describe().denial = DenialDetail(sqlState: sqlState)
        case .denied(let denied):
            entry.event = .denied
            // The gateway's own messages may quote a text that could not be read.
            let message = denied.file == nil ? nil : denied.message
            entry.describe().denial = DenialDetail(
                sqlState: denied.sqlState,
                message: message,
                file: denied.file,
                rule: denied.rule
            )
        case .cancelled: entry.event = .cancelled
        case .aborted: entry.event = .aborted
        case .unanswered: entry.event = .unanswered
        }
        // Chained: to bind the statement itself is to copy an optional out of what is only lent, which costs a hundred
        // instructions.
        if let fragment = outcome.statement?.fragment {
            if writesFullText, !fragment.mayHoldSecrets { addTexts(outcome, to: &entry) }
            entry.statement = fragment
        }
        (entry.index, entry.count) = (Int32(clamping: outcome.place.index), Int32(clamping: outcome.place.count))
        entry.duration = outcome.duration
        entry.bytes = outcome.bytes
        entry.isRewritten = outcome.isRewritten
        if let note = outcome.note(of: owner) {
            entry.describe().note = unsafe unsafeDowncast(note, to: AdmissionNote.self)
        }
        return entry
    }

    private func addTexts(_ outcome: borrowing StatementOutcome, to entry: inout Entry) {
        if let text = outcome.text, !Secrets.areLikely(in: text) { entry.describe().text = text }
        if let text = outcome.replacement, !Secrets.areLikely(in: text) { entry.describe().replacement = text }
    }

    func record(_ event: borrowing ReportEvent) {
        var entry = entry(.report, session: event.sessionNumber)
        entry.statement = event.statement?.fragment
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

    // MARK: Sessions

    func recordBegin(_ event: borrowing SessionEvent) {
        push(event.error == nil ? .sessionBegan : .sessionRefused, event, mayBeLost: event.error != nil)
    }

    func recordEnd(_ event: borrowing SessionEvent) { push(.sessionEnded, event, mayBeLost: true) }

    private func push(_ what: Entry.Event, _ event: borrowing SessionEvent, mayBeLost: Bool) {
        var entry = entry(what, session: event.sessionNumber)
        if let error = event.error {
            entry.describe().denial = DenialDetail(sqlState: error.sqlState, message: error.message)
        }
        ring.push(entry, mayBeLost: mayBeLost)
    }
}
