internal import CSystem
internal import Glibc
public import Logging

/// A connection that a listener accepted and placed on a reactor.
public struct AcceptedSocket: Sendable, Hashable {
    /// Non-blocking; the receiver's to close.
    public let descriptor: Int32
    /// Who connected.
    public let peer: SocketAddress
}

/// One reactor's ear on a listening socket that all reactors listen on.
///
/// The socket stands in every reactor's epoll as exclusive, so that a connection wakes one idle reactor and not all. That
/// one accepts it and keeps it when it has its fair share of sessions or less (`SessionPlacement`), else it hands it to
/// the reactor with fewest. Not to accept would be no alternative: epoll has woken nobody else, and would go on waking
/// this one.
///
/// `close()` ends accepting on this reactor. Connections wait in the backlog until all listeners and the socket they
/// share are closed, which refuses them.
public final class Listener: EventSource {
    /// What a listener does with a connection. It runs on the reactor that the connection was placed on, and whoever takes
    /// it calls `SessionPlacement.leave` with that reactor's index when the session has ended.
    public typealias Handler = @Sendable (Reactor, AcceptedSocket) -> Void
    typealias Accept = (Int32) throws(SystemError) -> (descriptor: Int32, peer: SocketAddress)?

    /// How many connections are accepted in one go: a burst of them must not hold up those that are being served.
    static let batch = 16
    /// How long nothing is accepted once the system has no descriptor or memory to give.
    static let pause = Duration.milliseconds(100)

    private let placement: SessionPlacement
    private let mailboxes: [Mailbox]
    private let logger: Logger
    private let handler: Handler
    private let accept: Accept

    /// Listens on a duplicate of `socket`, which stays the caller's to close.
    ///
    /// - Parameters:
    ///   - socket: made by `Socket.listen`.
    ///   - mailboxes: of all reactors, by index.
    public convenience init(
        sharing socket: Int32,
        reactor: Reactor,
        placement: SessionPlacement,
        mailboxes: [Mailbox],
        logger: Logger,
        handler: @escaping Handler
    ) throws(SystemError) {
        try self.init(
            sharing: socket,
            reactor: reactor,
            placement: placement,
            mailboxes: mailboxes,
            logger: logger,
            accept: Socket.accept,
            handler: handler
        )
    }

    init(
        sharing socket: Int32,
        reactor: Reactor,
        placement: SessionPlacement,
        mailboxes: [Mailbox],
        logger: Logger,
        accept: @escaping Accept,
        handler: @escaping Handler
    ) throws(SystemError) {
        self.placement = placement
        self.mailboxes = mailboxes
        self.logger = logger
        self.accept = accept
        self.handler = handler
        let descriptor = try SystemError.check("duplicate a listening socket") {
            fcntl(socket, F_DUPFD_CLOEXEC, 0)
        }
        super.init(descriptor: descriptor, reactor: reactor)
        do {
            try reactor.add(self, interest: .read, exclusive: true)
        } catch {
            close()
            throw error
        }
    }

    /// Accepts what waits, at most a batch: level-triggered as the reactor is, the rest comes in the next iteration.
    public override func readable() {
        do throws(SystemError) {
            for _ in 0..<Self.batch {
                guard let (descriptor, peer) = try accept(descriptor) else { return }
                place(AcceptedSocket(descriptor: descriptor, peer: peer))
            }
        } catch {
            pauseAccepting(because: error)
        }
    }

    private func place(_ socket: AcceptedSocket) {
        let choice = placement.enter(preferring: reactor.index)
        if choice == reactor.index { return handler(reactor, socket) }
        let isPosted = mailboxes[choice].post { [handler] reactor in handler(reactor, socket) }
        if !isPosted {
            // That reactor has ended, as the whole gateway is about to.
            placement.leave(choice)
            Socket.close(socket.descriptor)
        }
    }

    /// Out of descriptors (EMFILE) or memory: the waiting connection stays in the backlog and the socket stays readable,
    /// so without a pause the reactor would do nothing else than fail to accept it.
    private func pauseAccepting(because error: SystemError) {
        logger.error("accepting no connections for \(Self.pause): \(error)")
        reactor.remove(self)
        reactor.schedule(after: Self.pause) { [weak self] in self?.resume() }
    }

    private func resume() {
        guard !isClosed else { return }
        do {
            try reactor.add(self, interest: .read, exclusive: true)
        } catch {
            pauseAccepting(because: error)
        }
    }
}
