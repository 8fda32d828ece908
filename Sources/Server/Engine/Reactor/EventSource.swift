internal import CSystem

/// What a source wants to be told about.
public struct Interest: OptionSet, Sendable, Hashable {
    /// epoll's own bits.
    public let rawValue: UInt32

    /// - Parameter rawValue: epoll's own bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Be told `readable`.
    public static let read = Interest(rawValue: CSYSTEM_EPOLLIN)
    /// Be told `writable`.
    public static let write = Interest(rawValue: CSYSTEM_EPOLLOUT)
}

/// Something with a file descriptor that lives on one reactor: a connection, a listener, a mailbox.
///
/// Subclass it, add it to its reactor, and answer the events. All of it happens on the reactor's thread. Readiness is
/// level-triggered: an event that was not answered by reading or writing comes again in the next iteration.
open class EventSource {
    /// Held strongly: a source that is not registered keeps its reactor, never the other way round.
    public final let reactor: Reactor
    /// What epoll watches. Whoever makes the source owns it, until `close`.
    public final let descriptor: Int32
    /// The place in the reactor's table of registered sources, -1 while not registered. As many bits as a descriptor.
    final var slot: Int32 = -1
    /// What epoll was last told; empty as well while the source is not registered.
    public internal(set) final var interest: Interest = []
    /// Whether other reactors have descriptors of the same socket.
    final var isExclusive = false
    /// Whether `close` was called.
    public private(set) final var isClosed = false

    /// Makes a source that gets no events before it is added to `reactor`.
    public init(descriptor: Int32, reactor: Reactor) {
        self.descriptor = descriptor
        self.reactor = reactor
    }

    /// Whether the reactor delivers events to this source.
    public final var isRegistered: Bool { slot >= 0 }

    /// There is something to read, or reading will tell that the peer is gone.
    open func readable() {}

    /// There is room to write, or a connection attempt has ended one way or the other.
    open func writable() {}

    /// The descriptor has failed or both directions are shut, and neither `readable` nor `writable` was wanted and told.
    /// epoll repeats this whatever the interest is: the source must be removed, now or once it has been drained.
    open func hungUp() {}

    /// Changes what the source is told about. No system call is made when nothing changes.
    public final func setInterest(_ wanted: Interest) {
        guard wanted != interest, isRegistered else { return }
        reactor.modify(self, to: wanted)
    }

    /// Removes the source from its reactor and closes the descriptor. Only the first call does anything: the number may
    /// belong to someone else's connection after it.
    public final func close() {
        guard !isClosed else { return }
        isClosed = true
        reactor.remove(self, isClosing: true)
        _ = CSystem.close(descriptor)
    }

    /// Removes the source from its reactor and leaves the descriptor open for another source. The same as `close` to this
    /// one.
    public final func surrender() -> Int32 {
        precondition(!isClosed, "a descriptor that is closed belongs to nobody")
        isClosed = true
        reactor.remove(self)
        return descriptor
    }
}
