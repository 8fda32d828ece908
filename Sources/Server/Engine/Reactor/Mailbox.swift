internal import CSystem
internal import Synchronization

/// How any thread hands work to a reactor: a locked list of letters, and an eventfd that wakes the reactor when the
/// first one is put into an empty box.
public final class Mailbox: Sendable {
    /// What is posted: called on the reactor's thread with the reactor.
    public typealias Letter = @Sendable (Reactor) -> Void

    private struct Box {
        var letters: [Letter] = []
        var isClosed = false
    }

    private let box = Mutex(Box())
    let descriptor: Int32

    init() throws(SystemError) {
        descriptor = try SystemError.check("create an eventfd") {
            eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        }
    }

    deinit {
        _ = CSystem.close(descriptor)
    }

    /// Has `letter` called on the reactor, after those posted before it. Answers false, and drops the letter, when the
    /// reactor has ended.
    @discardableResult
    public func post(_ letter: @escaping Letter) -> Bool {
        let (isAccepted, needsWakeUp) = box.withLock { box in
            if box.isClosed { return (false, false) }
            box.letters.append(letter)
            return (true, box.letters.count == 1)
        }
        // A full counter (EAGAIN) wakes as well as an incremented one.
        if needsWakeUp { _ = eventfd_write(descriptor, 1) }
        return isAccepted
    }

    /// Empties the box. Letters posted meanwhile wake the reactor again.
    func takeAll() -> [Letter] {
        var count: eventfd_t = 0
        unsafe eventfd_read(descriptor, &count)
        return box.withLock { box in
            let letters = box.letters
            box.letters = []
            return letters
        }
    }

    func close() {
        let dropped = box.withLock { box in
            box.isClosed = true
            let letters = box.letters
            box.letters = []
            return letters
        }
        withExtendedLifetime(dropped) {}
    }
}

/// Opens a mailbox's letters on its reactor.
final class MailboxSource: EventSource {
    private let mailbox: Mailbox

    init(mailbox: Mailbox, reactor: Reactor) {
        self.mailbox = mailbox
        super.init(descriptor: mailbox.descriptor, reactor: reactor)
    }

    override func readable() {
        for letter in mailbox.takeAll() { letter(reactor) }
    }
}
