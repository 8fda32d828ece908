import PostgresWire

/// A connection that carries one CancelRequest to a server. The server closes it when the signal has been sent, which is
/// when the connection that was cancelled may go on to somebody else.
final class CancelConnection: Connection {
    private let packet: [UInt8]
    private let onClose: () -> Void
    private var timer: TimerToken?
    /// The packet is on its way: what is left is to wait for the server to close.
    private var isSent = false

    init(
        descriptor: Int32,
        reactor: Reactor,
        processID: Int32,
        secret: Int32,
        timeout: Duration,
        onClose: @escaping () -> Void
    ) {
        packet = .cancelRequest(processID: processID, secret: secret)
        self.onClose = onClose
        super.init(descriptor: descriptor, reactor: reactor)
        timer = reactor.schedule(after: timeout) { [weak self] in self?.closeNow() }
    }

    override func writable() {
        guard !hasOutput, !isSent else { return super.writable() }
        isSent = true
        guard Socket.pendingError(descriptor) == 0 else { return closeNow() }
        setInterest(.read)
        send(packet)
    }

    override func inputEnded() { closeNow() }
    override func failed(_ code: Int32) { closeNow() }

    override func closed() {
        if let timer { reactor.cancel(timer) }
        onClose()
    }
}
