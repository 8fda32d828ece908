/// A reactor running on a thread of its own.
public struct ReactorThread: Sendable {
    /// libpg_query's recursion on 64 KiB of the worst SQL measured (179 bytes of stack a byte) takes 11.5 MiB; this is
    /// five times as much.
    public static let defaultStackBytes = 64 << 20

    /// The reactor's index.
    public let index: Int
    /// The reactor's mailbox.
    public let mailbox: Mailbox
    private let thread: SystemThread

    /// Starts a reactor.
    ///
    /// - Parameter setUp: runs first on the reactor's thread: gives it its sources and its attachment.
    public static func start(
        index: Int,
        stackBytes: Int = defaultStackBytes,
        setUp: @escaping @Sendable (Reactor) -> Void
    ) throws(SystemError) -> ReactorThread {
        let reactor = try Reactor(index: index)
        let mailbox = reactor.mailbox
        let thread = try SystemThread.start(name: "reactor-\(index)", stackBytes: stackBytes) {
            setUp(reactor)
            reactor.run()
        }
        return ReactorThread(index: index, mailbox: mailbox, thread: thread)
    }

    /// Asks the reactor to end after its current iteration.
    public func stop() {
        mailbox.post { $0.stop() }
    }

    /// Waits until the reactor has ended. Call it exactly once, from another thread.
    public func join() {
        thread.join()
    }
}
