import PostgresWire

/// How a server's messages are told apart while no session reads them: all are short, and each is looked at in full.
enum ServerMessage {
    /// More bytes are needed before anything can be said.
    case incomplete(needed: Int)
    /// A message that is there in full; `size` counts its header.
    case whole(BackendTag, size: Int)
    /// Nothing that a server says between sessions.
    case malformed

    private static let longest = 64 * 1024

    /// The message at the start of `bytes`. Its length is checked before anything waits for the rest.
    init(at bytes: RawSpan) {
        guard bytes.byteCount >= MessageHeader.size else {
            self = .incomplete(needed: MessageHeader.size)
            return
        }
        let length = Int(bytes.int32(at: 1))
        guard length >= MessageHeader.lengthFieldSize, length < Self.longest,
            let tag = BackendTag(rawValue: bytes.byte(at: 0))
        else {
            self = .malformed
            return
        }
        self = bytes.byteCount > length ? .whole(tag, size: length + 1) : .incomplete(needed: length + 1)
    }
}
