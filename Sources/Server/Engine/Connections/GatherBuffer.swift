/// Where the pieces of one pass over received bytes are put together, so that the other side gets them in one `send`.
///
/// One a reactor: passes do not overlap.
final class GatherBuffer {
    /// Beyond this much it is sent before more is gathered.
    static let capacity = 65_536

    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(Self.capacity + 4096) }

    var isEmpty: Bool { bytes.isEmpty }
    var isFull: Bool { bytes.count >= Self.capacity }

    func append(_ piece: RawSpan) {
        unsafe piece.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    func append(_ piece: [UInt8]) { bytes += piece }

    /// Sends what was gathered and keeps the storage.
    func empty(to receiver: Connection?) {
        // Taken out meanwhile: a send that fails closes connections, and others may get what they had and begin a pass.
        var sent = bytes
        bytes = []
        receiver?.send(sent)
        guard bytes.isEmpty, sent.capacity <= 4 * Self.capacity else { return }
        sent.removeAll(keepingCapacity: true)
        bytes = sent
    }
}

/// What one pass has for the other side. A single stretch of the received bytes is sent from where it is; from the second
/// piece on all are gathered.
struct GatheredPieces {
    /// The stretch that is not gathered yet.
    private var start = 0
    private var end = 0
    private let buffer: GatherBuffer

    init(in buffer: GatherBuffer) {
        precondition(buffer.isEmpty, "one pass ends before the next begins")
        self.buffer = buffer
    }

    /// Adds a stretch of `input`, the bytes of this pass.
    @inline(__always)
    mutating func add(_ stretch: Range<Int>, of input: RawSpan, to receiver: Connection?) {
        if start == end {
            start = stretch.lowerBound
        } else if stretch.lowerBound != end {
            gather(from: input, to: receiver)
            start = stretch.lowerBound
        }
        end = stretch.upperBound
    }

    /// Adds what the gateway made itself.
    mutating func add(_ outbox: [UInt8], after input: RawSpan, to receiver: Connection?) {
        gather(from: input, to: receiver)
        buffer.append(outbox)
        if buffer.isFull { buffer.empty(to: receiver) }
    }

    private mutating func gather(from input: RawSpan, to receiver: Connection?) {
        buffer.append(input.extracting(start..<end))
        (start, end) = (0, 0)
        if buffer.isFull { buffer.empty(to: receiver) }
    }

    /// Sends everything.
    @inline(__always)
    mutating func send(from input: RawSpan, to receiver: Connection?) {
        guard buffer.isEmpty else {
            gather(from: input, to: receiver)
            return buffer.empty(to: receiver)
        }
        guard start < end else { return }
        receiver?.send(input.extracting(start..<end))
        (start, end) = (0, 0)
    }

    /// Whether there is nothing to send.
    var isEmpty: Bool { start == end && buffer.isEmpty }
}
