import Glibc
import PluginAPI
import Synchronization

/// A log that plugin instances write to: one for each directory in the process, so that a reload goes on with it.
final class AuditLog: Sendable {
    private struct Weak: Sendable {
        weak var log: AuditLog?
    }

    private struct State {
        var rings: [UInt: Ring] = [:]
        var thread: pthread_t?
    }

    private static let logs = Mutex<[String: Weak]>([:])

    let keyName: String
    let writer: Writer
    private let state = Mutex(State())

    /// The log in this directory, as it is kept already or as `settings` say.
    static func shared(_ settings: LogSettings) throws -> AuditLog {
        try logs.withLock { logs in
            if let log = logs[settings.directory]?.log {
                guard log.keyName == settings.key.name else {
                    throw LogFailure("the key of a log that is being written cannot change; name another directory")
                }
                return log
            }
            try Spool.check(settings)
            guard let waker = Waker() else { throw LogFailure("the process has no file descriptors left") }
            let log = AuditLog(Writer(settings, waker: waker), keyName: settings.key.name)
            logs[settings.directory] = Weak(log: log)
            return log
        }
    }

    private init(_ writer: Writer, keyName: String) {
        self.writer = writer
        self.keyName = keyName
    }

    deinit { finish() }

    /// The ring of the calling thread, which is a reactor. The writer's thread starts with the first of them.
    func ring() -> Ring {
        let thread = pthread_self()
        return state.withLock { state in
            if let known = state.rings[thread] { return known }
            let ring = writer.addRing()
            state.rings[thread] = ring
            if state.thread == nil {
                writer.begin()
                state.thread = Self.start(writer)
            }
            return ring
        }
    }

    /// Opens the log and starts its thread, unless that has been done.
    func begin() throws {
        try state.withLock { state in
            guard state.thread == nil else { return }
            try writer.open()
            writer.begin()
            state.thread = Self.start(writer)
        }
    }

    /// Writes what there is, and ends the thread.
    func finish() {
        guard let thread = state.withLock({ $0.thread.take() }) else { return }
        writer.end()
        pthread_join(thread, nil)
    }

    private static func start(_ writer: Writer) -> pthread_t? {
        let context = unsafe Unmanaged.passRetained(writer).toOpaque()
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Writer>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context
        )
        guard code == 0 else {
            unsafe Unmanaged<Writer>.fromOpaque(context).release()
            return nil
        }
        return thread
    }
}
