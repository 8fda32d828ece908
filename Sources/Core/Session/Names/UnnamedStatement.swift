import PostgresWire

/// The Parse messages of a client's unnamed statement: the one that holds, and those that the server has not answered.
///
/// What a Bind meets is the last that was sent, unless an error has skipped it: then the one before is still there.
struct UnnamedStatement {
    private struct Kept {
        var message: [UInt8] = []
        var number = 0
    }

    private var settled = Kept()
    private var sent: [Kept] = []
    /// Storage for the next one.
    private var spare: [UInt8] = []

    /// The number of the Parse that a Bind meets; 0 before the first.
    var number: Int { sent.last?.number ?? settled.number }
    /// Its message.
    var message: [UInt8] { sent.last?.message ?? settled.message }

    /// A Parse with this number is about to be sent.
    mutating func send(_ message: RawSpan, number: Int) {
        var storage = spare
        spare = []
        storage.removeAll(keepingCapacity: true)
        unsafe message.withUnsafeBytes { unsafe storage.append(contentsOf: $0) }
        sent.append(Kept(message: storage, number: number))
    }

    /// The eldest Parse that was sent took place.
    mutating func confirm() {
        guard !sent.isEmpty else { return }
        // Long ones are not kept for the sake of their storage.
        spare = settled.message.capacity <= 4096 ? settled.message : []
        settled = sent.removeFirst()
    }

    /// The eldest Parse that was sent was refused or skipped.
    mutating func drop() {
        if !sent.isEmpty { sent.removeFirst() }
    }
}
