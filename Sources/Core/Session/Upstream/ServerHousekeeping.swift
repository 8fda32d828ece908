import PostgresWire

/// A server connection between two sessions: first cleaned of all that the last one left, then idle.
public struct ServerHousekeeping {
    /// What became of the bytes shown.
    public enum Step {
        case proceed(consumed: Int)
        case needMore(Int)
        /// The connection is as new.
        case clean(consumed: Int)
        /// The connection cannot be used again: close it.
        case failed
    }

    /// Resets settings to the startup message's, drops temporary tables, prepared statements, cursors and plans, ends
    /// LISTEN and releases advisory locks.
    public static var resetMessage: [UInt8] {
        var message: [UInt8] = []
        message.appendQuery("DISCARD ALL")
        return message
    }

    /// What the server reports meanwhile; the next session is told.
    public private(set) var parameters: ServerParameters
    private var isClean = false
    private static let longestMessage = 64 * 1024

    /// Begins with what the server had reported by the end of the last session.
    public init(parameters: ServerParameters) { self.parameters = parameters }

    /// Looks at the message at the start of `bytes`.
    public mutating func receive(_ bytes: RawSpan) -> Step {
        guard bytes.byteCount >= MessageHeader.size else { return .needMore(MessageHeader.size) }
        let length = Int(bytes.int32(at: 1))
        guard length >= MessageHeader.lengthFieldSize, length < Self.longestMessage else { return .failed }
        let size = length + 1
        guard bytes.byteCount >= size else { return .needMore(size) }
        switch BackendTag(rawValue: bytes.byte(at: 0)) {
        case .noticeResponse:
            break
        case .notificationResponse, .commandComplete:
            // Notifications that arrive before UNLISTEN took effect are nobody's any more.
            if isClean { return .failed }
        case .parameterStatus:
            let body = bytes.extracting(MessageHeader.size..<size)
            guard let nameEnd = body.firstNull(from: 0), let valueEnd = body.firstNull(from: nameEnd + 1) else {
                return .failed
            }
            parameters.set(body.string(0..<nameEnd), body.string(nameEnd + 1..<valueEnd))
        case .readyForQuery:
            guard !isClean, size == 6, bytes.byte(at: 5) == TransactionStatus.idle.rawValue else { return .failed }
            isClean = true
            return .clean(consumed: size)
        default:
            return .failed
        }
        return .proceed(consumed: size)
    }
}
