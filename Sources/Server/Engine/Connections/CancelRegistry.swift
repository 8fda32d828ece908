import Synchronization

/// Which session a cancel key names, over all reactors. Touched at login, at logout and by cancels only.
final class CancelRegistry: Sendable {
    struct Entry: Sendable {
        let session: UInt64
        let secret: Int32
        /// The session's.
        let reactor: Int32
    }

    private let entries = Mutex<[Int32: Entry]>([:])

    func register(processID: Int32, _ entry: Entry) {
        entries.withLock { $0[processID] = entry }
    }

    /// Registers under a number of the gateway's own, which is returned: positive, and beyond any process id that Linux
    /// gives (PID_MAX_LIMIT is 2²²).
    ///
    /// - Parameter counter: counts the reactor's sessions.
    func register(reactor: Int, counter: UInt64, _ entry: Entry) -> Int32 {
        let base: Int32 = 0x4000_0000 | Int32(truncatingIfNeeded: reactor & 0xff) << 22
        return entries.withLock { entries in
            var count = Int32(truncatingIfNeeded: counter & 0x3f_ffff)
            // A session that has lasted for four million others.
            while entries[base | count] != nil { count = (count + 1) & 0x3f_ffff }
            entries[base | count] = entry
            return base | count
        }
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
