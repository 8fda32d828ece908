import PluginAPI

/// Who records for the sessions of one identity on one reactor: the reactor's ring, and what records say of the identity.
final class Recorder {
    let ring: Ring
    let identity: IdentityFragment

    init(_ log: AuditLog, _ session: SessionIdentity) {
        ring = log.ring()
        identity = IdentityFragment(session, ring: ring.number)
    }

    /// An entry of the identity's.
    func entry(_ event: Entry.Event, session: Int) -> Entry { Entry(event, session: session, identity: identity) }
}
