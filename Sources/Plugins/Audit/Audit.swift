public import PluginAPI

/// Records what became of every statement and session, in a log in which nothing can be changed unseen: docs/audit.md.
public final class Audit: SessionObserver, AdmissionDecider {
    /// What `kind = "…"` calls it.
    public static let kind = "audit"

    let log: AuditLog
    /// `guarantee = "before"`.
    let waitsForDisk: Bool
    /// `on_full = "deny"`.
    let deniesWhenFull: Bool
    /// Whose the notes are that the gate leaves for the observer.
    let owner: any AnyObject & Sendable
    private let fullText: FullText

    private final class Owner: Sendable {}

    /// Makes an instance from its file; the log is opened by `begin`, or when the first session comes.
    public init(configuration: AuditConfiguration, context: PluginContext) throws {
        waitsForDisk = configuration.guarantee == .before
        deniesWhenFull = configuration.onFull == .deny
        fullText = try configuration.fullText()
        owner = Owner()
        let settings = try configuration.settings(in: context.directory)
        do {
            log = try AuditLog.shared(settings)
        } catch let failure as LogFailure {
            throw PluginConfigurationError(at: ["directory"], "\(failure)")
        }
    }

    /// The gate for sessions of this identity.
    public func gate(for session: SessionIdentity) -> any AdmissionGate { AuditGate(self, session) }

    /// The observer of sessions of this identity.
    public func observer(of session: SessionIdentity) -> any OutcomeObserver { AuditObserver(self, session) }

    /// Opens the log, which one gateway at a time may have open.
    public func begin() throws { try log.begin() }

    /// Writes what there is, and a last checkpoint.
    public func finish() { log.finish() }

    func writesFullText(of session: SessionIdentity) -> Bool { fullText.applies(to: session) }

    func writesParameters(of session: SessionIdentity) -> Bool { fullText.writesParameters(of: session) }
}
