import PluginAPI
import PostgresWire
import SQLInspection

/// Lets statements pass whose records there is room for, and with `guarantee = "before"` those whose records are on disk.
final class AuditGate: AdmissionGate {
    private let audit: Audit
    private let log: AuditLog
    // Made when there is something to record: to explain a statement opens no log.
    private lazy var recorder = Recorder(audit, session)
    private let session: SessionIdentity
    private let writesParameters: Bool

    init(_ audit: Audit, _ session: SessionIdentity) {
        self.audit = audit
        log = audit.log
        self.session = session
        writesParameters = audit.writesParameters(of: session)
    }

    func wantsValues(of statement: JudgedStatement) -> Bool {
        let fragment = statement.fragment
        return fragment.hasCalls || writesParameters && fragment.hasParameters
    }

    /// With room for their records, statements pass unless something is to be recorded before they run.
    var allowance: Int {
        guard !audit.waitsForDisk else { return 0 }
        guard audit.deniesWhenFull else { return .max }
        return log.writer.isFailing ? 0 : recorder.ring.room
    }

    func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict {
        guard !event.isRefused else { return .forward }
        let ring = recorder.ring
        // Asked once: between two answers the writer may begin to fail, and neither branch would then hold the statement.
        let isFailing = log.writer.isFailing
        if audit.deniesWhenFull {
            if isFailing { return .deny(Self.cannotWrite(log.writer.failure)) }
            let count = event.statements.count
            guard ring.hasRoom(for: audit.waitsForDisk ? 2 * count : count) else { return .deny(Self.full) }
        }
        var calls: [[UInt8]] = []
        if writesParameters || event.statements.contains(where: { $0.fragment.hasCalls }) {
            for index in event.statements.indices {
                calls.append(CallDescription.members(of: index, in: event, writesValues: writesParameters))
            }
        }
        guard audit.waitsForDisk, !isFailing, !event.statements.isEmpty else {
            if !calls.isEmpty { event.keep(AdmissionNote(calls: calls, intent: nil), of: audit.owner) }
            return .forward
        }
        let note = AdmissionNote(calls: calls, intent: ring.nextIntent())
        event.keep(note, of: audit.owner)
        let pending = PendingAdmission()
        for (index, statement) in event.statements.enumerated() {
            var entry = recorder.entry(.intent, session: event.sessionNumber)
            entry.statement = statement.fragment
            (entry.index, entry.count) = (Int32(clamping: index), Int32(clamping: event.statements.count))
            let details = entry.describe()
            details.note = note
            if index == event.statements.count - 1 { details.waiter = (pending, isVital: audit.deniesWhenFull) }
            ring.push(entry, mayBeLost: false)
        }
        ring.hurry()
        return .pending(pending)
    }

    /// How it ended is the observer's to record.
    func release(sessionNumber: Int) {}

    private static let full = Denial(
        "the audit log cannot keep up, and nothing runs unrecorded",
        rule: "on_full",
        hint: "Try again. If it lasts, raise ring in the audit plugin's file, or give its directory a faster disk.",
        sqlState: .configurationLimitExceeded
    )

    /// io_error
    static func cannotWrite(_ reason: String) -> Denial {
        Denial(
            "the audit log cannot be written, and nothing runs unrecorded",
            rule: "on_full",
            hint: "Make room for it: \(reason). The gateway tries again every second.",
            sqlState: SQLState(rawValue: "58030")
        )
    }
}
