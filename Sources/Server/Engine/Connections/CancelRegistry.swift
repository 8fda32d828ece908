internal import Synchronization

/// Which session a cancel key names, over all reactors. Touched at login, at logout and by cancels only.
public final class CancelRegistry: Sendable {
    struct Entry: Sendable {
        let secret: Int32
        let session: UInt64
        let mailbox: Mailbox
    }

    private let entries = Mutex<[Int32: Entry]>([:])

    /// An empty registry.
    public init() {}

    func register(processID: Int32, _ entry: Entry) {
        entries.withLock { $0[processID] = entry }
    }

    func remove(processID: Int32, session: UInt64) {
        entries.withLock { entries in
            if entries[processID]?.session == session { entries[processID] = nil }
        }
    }

    /// The session of a key whose secret is right.
    func find(processID: Int32, secret: Int32) -> Entry? {
        guard let entry = entries.withLock({ $0[processID] }), entry.secret == secret else { return nil }
        return entry
    }
}
