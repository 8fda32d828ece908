internal import CSystem
import PostgresWire

/// A socket with what is on its way out and what has come in but cannot be understood yet.
///
/// Reading stops while the other side cannot take what is read: at most one receive buffer waits per direction, plus
/// what the gateway itself says.
class Connection: EventSource {
    /// Not sent yet: the socket was full.
    private var output = PendingBytes()
    /// Received, waiting for the rest of its message or for the other side.
    private var input = PendingBytes()
    /// How much input has to be there before looking at it again is worth the while.
    private var neededInput = 0
    private var isReadingPaused = false
    /// Whether the peer has said that it sends no more.
    private(set) var hasEnded = false
    private var closesWhenSent = false

    // MARK: For subclasses

    /// Looks at received bytes and answers how many of them are done with and how many are needed to go on.
    func process(_ bytes: RawSpan) -> (consumed: Int, needed: Int) { (bytes.byteCount, 0) }

    /// The peer sends no more.
    func inputEnded() {}

    /// The socket failed.
    func failed(_ code: Int32) {}

    /// Everything has been sent.
    func outputDrained() {}

    /// Runs once, just before the socket is closed: what a peer may count on that sees the end of the connection.
    func closing() {}

    /// Runs once, when the socket has been closed.
    func closed() {}

    // MARK: Receiving

    final override func readable() {
        let buffer = unsafe reactor.receiveBuffer
        switch unsafe Socket.receive(descriptor, into: buffer) {
        case .count(let count):
            receive(unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count]).bytes)
        case .wouldBlock:
            break
        case .closed:
            hasEnded = true
            pauseReading()
            inputEnded()
        case .failed(let code):
            failed(code)
        }
    }

    final override func hungUp() {
        // Both directions are gone, or the socket failed; nothing that is still to be sent can arrive.
        failed(Socket.pendingError(descriptor))
    }

    private func receive(_ bytes: RawSpan) {
        guard input.isEmpty else {
            input.append(bytes)
            if input.count >= neededInput { processInput() }
            return
        }
        let (consumed, needed) = process(bytes)
        guard !isClosed else { return }
        neededInput = needed
        input.append(bytes.extracting(consumed..<bytes.byteCount))
    }

    /// Looks again at what has been received.
    final func processInput() {
        guard !isClosed, !input.isEmpty else { return }
        // Taken out meanwhile: what the bytes lead to may close this connection.
        var held = input
        input = PendingBytes()
        let (consumed, needed) = held.withBytes { process($0) }
        guard !isClosed else { return }
        held.removeFirst(consumed)
        neededInput = needed
        input = held
    }

    final var hasInput: Bool { !input.isEmpty }

    final func pauseReading() {
        isReadingPaused = true
        updateInterest()
    }

    final func resumeReading() {
        guard isReadingPaused, !hasEnded, !isClosed else { return }
        isReadingPaused = false
        updateInterest()
    }

    // MARK: Sending

    /// Sends at once what the socket takes; the rest follows when there is room.
    final func send(_ bytes: RawSpan) {
        guard !isClosed, !closesWhenSent, bytes.byteCount > 0 else { return }
        guard output.isEmpty else { return output.append(bytes) }
        switch Socket.send(descriptor, bytes) {
        case .count(let count):
            if count < bytes.byteCount {
                output.append(bytes.extracting(count..<bytes.byteCount))
                updateInterest()
            }
        case .wouldBlock:
            output.append(bytes)
            updateInterest()
        case .closed:
            failed(EPIPE)
        case .failed(let code):
            failed(code)
        }
    }

    /// Sends what the gateway made itself.
    final func send(_ bytes: [UInt8]) { unsafe send(bytes.span.bytes) }

    final var hasOutput: Bool { !output.isEmpty }

    override func writable() {
        guard !output.isEmpty else { return updateInterest() }
        switch output.withBytes({ Socket.send(descriptor, $0) }) {
        case .count(let count): output.removeFirst(count)
        case .wouldBlock: return
        case .closed: return failed(EPIPE)
        case .failed(let code): return failed(code)
        }
        guard output.isEmpty else { return }
        if closesWhenSent { return closeNow() }
        updateInterest()
        outputDrained()
    }

    private func updateInterest() {
        var interest: Interest = []
        if !isReadingPaused { interest.insert(.read) }
        if !output.isEmpty { interest.insert(.write) }
        setInterest(interest)
    }

    // MARK: Closing

    /// How long a peer may take to read the last that it is sent.
    private static let lingering = Duration.seconds(30)

    /// Closes once everything has been sent, or when the peer does not take it.
    final func closeWhenSent() {
        guard !isClosed, !closesWhenSent else { return }
        if output.isEmpty { return closeNow() }
        closesWhenSent = true
        hasEnded = true
        pauseReading()
        reactor.schedule(after: Self.lingering) { [weak self] in self?.closeNow() }
    }

    final func closeNow() {
        guard !isClosed else { return }
        closing()
        close()
        input = PendingBytes()
        output = PendingBytes()
        closed()
    }
}
