import PostgresWire

/// What a server says by itself while no session has its connection.
extension ServerState {
    /// What became of the bytes shown.
    public enum Heard {
        case proceed(consumed: Int)
        /// A NotificationResponse of this many bytes: for the session whose state is on the connection, if there is one.
        case notification(Int)
        case needMore(Int)
        /// The connection cannot be used again: the server ends it, or nobody knows what it speaks of.
        case failed
    }

    /// Looks at the message at the start of `bytes`.
    public func hear(_ bytes: RawSpan) -> Heard {
        switch ServerMessage(at: bytes) {
        case .incomplete(let needed): .needMore(needed)
        case .whole(let tag, let size): hear(tag, bytes.extracting(MessageHeader.size..<size), size: size)
        case .malformed: .failed
        }
    }

    private func hear(_ tag: BackendTag, _ body: RawSpan, size: Int) -> Heard {
        switch tag {
        case .noticeResponse: .proceed(consumed: size)
        case .notificationResponse: .notification(size)
        case .parameterStatus: parameters.note(body) == nil ? .failed : .proceed(consumed: size)
        default: .failed
        }
    }
}
