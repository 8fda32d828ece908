internal import CSystem

/// One thread's event loop: level-triggered epoll, timers, a mailbox and the buffer that its connections receive into.
///
/// Everything here but `mailbox` belongs to the reactor's thread; nothing takes a lock. A reactor is not Sendable: other
/// threads talk to it through its mailbox, whose letters are handed the reactor when they are opened. It is held by the
/// sources registered with it, the mailbox's among them, and so lives until `run()` has ended.
@safe
public final class Reactor {
    /// How many bytes one `recv` may bring in: a large result costs a third of what 4 KiB reads make it cost.
    public static let bufferSize = 65_536
    private static let eventCapacity = 256

    /// Counted from 0: names the reactor in logs, counters and cancel keys.
    public let index: Int
    /// How other threads reach this reactor.
    public let mailbox: Mailbox
    /// The monotonic clock as read when this iteration's events arrived.
    public private(set) var now: MonotonicTime
    /// Where every connection of this reactor receives. Its content is valid until the next `recv` on this reactor,
    /// so nothing may keep a view of it beyond the event that filled it.
    public let receiveBuffer: UnsafeMutableRawBufferPointer
    /// What the program keeps per reactor (its pools, its caches), reachable wherever the reactor is.
    public var attachment: AnyObject?

    private let epoll: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private var timers = TimerQueue<() -> Void>()
    private var registered: [EventSource] = []
    /// Sources removed in this iteration. epoll may have reported them in the batch at hand, whose entries are plain
    /// pointers: they are kept alive until it has been worked off.
    private var retired: [EventSource] = []
    private var expected: [UInt64: AnyObject] = [:]
    private var nextReply: UInt64 = 0
    private var isStopping = false

    /// Makes a reactor for the thread that will run it; `ReactorThread.start` does both.
    public init(index: Int) throws(SystemError) {
        let mailbox = try Mailbox()
        let epoll = try SystemError.check("create an epoll instance") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        self.index = index
        self.mailbox = mailbox
        self.epoll = epoll
        now = .read()
        unsafe receiveBuffer = .allocate(byteCount: Self.bufferSize, alignment: 64)
        unsafe events = .allocate(capacity: Self.eventCapacity)
        try add(MailboxSource(mailbox: mailbox, reactor: self), interest: .read)
    }

    deinit {
        unsafe receiveBuffer.deallocate()
        unsafe events.deallocate()
        _ = CSystem.close(epoll)
    }

    /// Works until `stop()` was called, then lets go of every source without closing it.
    public func run() {
        while !isStopping { turn() }
        finish()
    }

    /// Ends `run()` after the iteration at hand.
    public func stop() {
        isStopping = true
    }

    /// One iteration: waits for events, at most until the next timer is due, and works them off.
    ///
    /// - Parameter limit: how long to wait at most; without one, until something happens.
    public func turn(waitingAtMost limit: Duration? = nil) {
        let count = unsafe epoll_wait(epoll, events, Int32(Self.eventCapacity), waitMilliseconds(limit))
        now = .read()
        if count > 0 { dispatch(Int(count)) }
        fireTimers()
        releaseRetired()
    }

    private func dispatch(_ count: Int) {
        for index in 0..<count {
            let bits = unsafe events[index].events
            guard let pointer = unsafe events[index].data.ptr else { continue }
            // No retain: registered sources are held by `registered`, removed ones by `retired`.
            unsafe Unmanaged<EventSource>.fromOpaque(pointer)._withUnsafeGuaranteedRef { source in
                Self.deliver(bits, to: source)
            }
        }
    }

    @inline(__always)
    private static func deliver(_ bits: UInt32, to source: EventSource) {
        guard source.isRegistered else { return }
        if bits & CSYSTEM_EPOLLIN != 0 {
            source.readable()
            // Answering the one may have removed the source or ended its interest in the other.
            if bits & CSYSTEM_EPOLLOUT != 0, source.interest.contains(.write) { source.writable() }
        } else if bits & CSYSTEM_EPOLLOUT != 0 {
            source.writable()
        } else if bits & (CSYSTEM_EPOLLHUP | CSYSTEM_EPOLLERR) != 0 {
            source.hungUp()
        }
    }

    private func releaseRetired() {
        guard !retired.isEmpty else { return }
        // Taken out first: what a source's deinit does may remove further sources.
        let released = retired
        retired = []
        withExtendedLifetime(released) {}
    }

    private func finish() {
        mailbox.close()
        while let last = registered.last { remove(last) }
        releaseRetired()
        expected = [:]
        timers = TimerQueue()
    }
}

// MARK: - Sources

extension Reactor {
    /// Registers a source and keeps it until it is removed.
    ///
    /// - Parameter exclusive: for a descriptor that stands in several reactors' epolls: an event wakes one of them
    ///   (EPOLLEXCLUSIVE). Such a source's interest cannot be changed.
    public func add(_ source: EventSource, interest: Interest, exclusive: Bool = false) throws(SystemError) {
        precondition(!source.isRegistered, "a source is registered once")
        var bits = interest.rawValue
        if exclusive { bits |= CSYSTEM_EPOLLEXCLUSIVE }
        try SystemError.check("watch descriptor \(source.descriptor)") {
            control(EPOLL_CTL_ADD, source, bits)
        }
        source.interest = interest
        source.isExclusive = exclusive
        source.slot = Int32(registered.count)
        registered.append(source)
    }

    /// Stops delivering events to a source, also those that have already arrived in this iteration. It is released when
    /// the iteration ends. Removing what is not registered does nothing.
    public func remove(_ source: EventSource) { remove(source, isClosing: false) }

    func remove(_ source: EventSource, isClosing: Bool) {
        guard source.isRegistered else { return }
        // The kernel forgets a socket by itself when its last descriptor is closed.
        if !isClosing || source.isExclusive { _ = control(EPOLL_CTL_DEL, source, 0) }
        let slot = source.slot
        let last = registered.count - 1
        registered.swapAt(Int(slot), last)
        registered[Int(slot)].slot = slot
        source.slot = -1
        source.interest = []
        // Moved, so that the only reference never ceases to be held: the event at hand came without one.
        retired.append(registered.removeLast())
    }

    /// How many sources are registered, the reactor's own mailbox included.
    public var sourceCount: Int { registered.count }

    func modify(_ source: EventSource, to interest: Interest) {
        let result = control(EPOLL_CTL_MOD, source, interest.rawValue)
        precondition(result == 0, "a registered descriptor stays open and is not registered as exclusive")
        source.interest = interest
    }

    private func control(_ operation: Int32, _ source: EventSource, _ bits: UInt32) -> Int32 {
        var event = unsafe epoll_event()
        unsafe event.events = bits
        unsafe event.data.ptr = Unmanaged.passUnretained(source).toOpaque()
        return unsafe epoll_ctl(epoll, operation, source.descriptor, &event)
    }
}

// MARK: - Timers

extension Reactor {
    /// Calls `action` on this reactor once `delay` has passed, counted from `now`.
    @discardableResult
    public func schedule(after delay: Duration, _ action: @escaping () -> Void) -> TimerToken {
        timers.schedule(at: now + delay, action)
    }

    /// Answers whether the timer was still waiting.
    @discardableResult
    public func cancel(_ timer: TimerToken) -> Bool {
        timers.cancel(timer)
    }

    private func fireTimers() {
        guard let next = timers.nextDeadline(), next <= now else { return }
        let mark = timers.mark
        while let action = timers.popDue(at: now, before: mark) { action() }
    }

    /// epoll's timeout: rounded up, or a timer would be found not yet due and the loop would spin until it is.
    private func waitMilliseconds(_ limit: Duration?) -> Int32 {
        var wait = limit.map(\.clampedNanoseconds)
        if let deadline = timers.nextDeadline() {
            let untilDue = max(0, deadline.nanoseconds - MonotonicTime.read().nanoseconds)
            wait = min(wait ?? untilDue, untilDue)
        }
        guard let wait else { return -1 }
        return Int32(clamping: (max(0, wait) + 999_999) / 1_000_000)
    }
}

// MARK: - Replies

extension Reactor {
    /// Keeps `handler` until the reply is sent from whatever thread does the work; it then runs here, once.
    public func expect<Value: Sendable>(_ handler: @escaping (Value) -> Void) -> Reply<Value> {
        nextReply += 1
        expected[nextReply] = ReplyHandler(handler)
        return Reply(number: nextReply, mailbox: mailbox)
    }

    /// Drops the handler of a reply that is no longer wanted.
    public func forget<Value>(_ reply: Reply<Value>) {
        expected[reply.number] = nil
    }

    func deliver<Value>(_ value: Value, to reply: UInt64) {
        guard let handler = expected.removeValue(forKey: reply) as? ReplyHandler<Value> else { return }
        handler.body(value)
    }
}
