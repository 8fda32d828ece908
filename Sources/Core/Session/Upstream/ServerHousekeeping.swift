import PostgresWire

/// A server connection between two sessions: first cleaned of all that the last one left, then idle.
package struct ServerHousekeeping {
    /// What became of the bytes shown.
    package enum Step {
        case proceed(consumed: Int)
        case needMore(Int)
        /// The connection is as new.
        case clean(consumed: Int)
        /// The connection cannot be used again: close it.
        case failed
    }

    /// Resets settings to the startup message's, drops temporary tables, prepared statements, cursors and plans, ends
    /// LISTEN and releases advisory locks.
    package static var resetMessage: [UInt8] {
        var message: [UInt8] = []
        message.appendQuery("DISCARD ALL")
        return message
    }

    /// What the server reports meanwhile; the next session is told.
    package private(set) var parameters: ServerParameters
    private var isClean = false

    /// Begins with what the server had reported by the end of the last session.
    package init(parameters: ServerParameters) { self.parameters = parameters }

    /// Looks at the message at the start of `bytes`.
    package mutating func receive(_ bytes: RawSpan) -> Step {
        switch ServerMessage(at: bytes) {
        case .incomplete(let needed): .needMore(needed)
        case .whole(let tag, let size): note(tag, bytes.extracting(MessageHeader.size..<size), size: size)
        case .malformed: .failed
        }
    }

    private mutating func note(_ tag: BackendTag, _ body: RawSpan, size: Int) -> Step {
        switch tag {
        case .noticeResponse:
            break
        case .notificationResponse, .commandComplete:
            // Notifications that arrive before UNLISTEN took effect are nobody's any more.
            if isClean { return .failed }
        case .parameterStatus:
            guard parameters.note(body) != nil else { return .failed }
        case .readyForQuery:
            guard !isClean, body.byteCount == 1, TransactionStatus(rawValue: body.byte(at: 0)) == .idle else {
                return .failed
            }
            isClean = true
            return .clean(consumed: size)
        default:
            return .failed
        }
        return .proceed(consumed: size)
    }
}
