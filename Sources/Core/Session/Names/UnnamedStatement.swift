import PostgresWire

/// The Parse messages of a client's unnamed statement: the one that holds, and those that the server has not answered.
///
/// What a Bind meets is the last that was sent, unless an error has skipped it: then the one before is still there.
struct UnnamedStatement {
    private struct Kept {
        var message: [UInt8] = []
        var number = 0
        /// The number of the one that the server connection had when it was sent.
        var predecessor = 0
    }

    private var settled = Kept()
    private var sent: [Kept] = []
    /// The bytes of `sent`.
    private(set) var bytesSent = 0
    /// Parses under no name that the server has not answered, those among them that only move the statement.
    private var unanswered = 0
    /// The client's batch in which the last of them was sent.
    private var batch = 0
    /// Storage for the next one.
    private var spare: [UInt8] = []

    /// The number of the Parse that a Bind meets; 0 before the first.
    var number: Int { sent.last?.number ?? settled.number }
    /// Its message.
    var message: [UInt8] { sent.last?.message ?? settled.message }

    /// Whether a Bind in `batch` meets the last that was sent. An error in an earlier batch, not answered yet, may have
    /// skipped it, and the server connection may have another client's.
    func isCertain(in batch: Int) -> Bool { unanswered == 0 || self.batch == batch }

    /// The statement's message is about to be sent again.
    mutating func move(batch: Int) {
        unanswered += 1
        self.batch = batch
    }

    /// What `move` sent was answered or skipped.
    mutating func moved() { unanswered -= 1 }

    /// A Parse with this number is about to be sent.
    mutating func send(_ message: RawSpan, number: Int, over predecessor: Int, batch: Int) {
        move(batch: batch)
        var storage = spare
        spare = []
        storage.removeAll(keepingCapacity: true)
        unsafe message.withUnsafeBytes { unsafe storage.append(contentsOf: $0) }
        bytesSent += storage.count
        sent.append(Kept(message: storage, number: number, predecessor: predecessor))
    }

    /// The eldest Parse that was sent took place.
    mutating func confirm() {
        guard !sent.isEmpty else { return }
        moved()
        // Long ones are not kept for the sake of their storage.
        spare = settled.message.capacity <= 4096 ? settled.message : []
        settled = sent.removeEldest()
        bytesSent -= settled.message.count
    }

    /// The eldest Parse that was sent was skipped, or refused: then the one before it is gone as well.
    ///
    /// - Returns: its number, and that of the one that the server has instead, unless something sent later changes that.
    mutating func drop(isRefused: Bool) -> (number: Int, predecessor: Int)? {
        guard !sent.isEmpty else { return nil }
        moved()
        let dropped = sent.removeEldest()
        let left = isRefused ? 0 : dropped.predecessor
        bytesSent -= dropped.message.count
        if sent.first?.predecessor == dropped.number { sent[0].predecessor = left }
        return (dropped.number, left)
    }
}
