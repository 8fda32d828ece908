public import PostgresWire

/// One Query of the gateway's own on a server connection that no session uses at the moment.
public struct ServerErrand {
    /// What the errand asks and tells the server, in this order, in one Query.
    enum Part: Equatable {
        case rollback
        /// The present values of these settings.
        case ask([String])
        /// Every setting that was changed since the connection's login.
        case askAll
        /// Which of these are there.
        case probe(PinReasons)
        case reset([String])
        case set([Setting])
        case discardSequences
        case discardAll
    }

    /// A setting's name in lower case and a value as `set_config` takes it.
    struct Setting: Equatable {
        let name: String
        let value: String
    }

    /// What became of the bytes shown.
    public enum Step {
        case proceed(consumed: Int)
        /// A NotificationResponse of this many bytes stands first: it is for the session that holds the connection.
        case notification(Int)
        case needMore(Int)
        case done(consumed: Int)
        /// The server refused: close the connection.
        case failed(ErrorResponse)
    }

    /// What the server answered.
    struct Findings: Equatable {
        /// The settings asked for by name; nil for one that does not exist.
        var values: [String: String?] = [:]
        /// The answer to `askAll`.
        var all: [String: String]?
        /// The answer to `probe`.
        var pins: PinReasons = []
    }

    let parts: [Part]
    private(set) var findings = Findings()
    private(set) var parameters: ServerParameters

    /// - Parameter parameters: what the server has reported so far.
    init(_ parts: [Part], parameters: ServerParameters) {
        self.parts = parts
        self.parameters = parameters
    }

    /// The Query message to send.
    public var message: [UInt8] {
        var message: [UInt8] = []
        message.appendQuery("DISCARD ALL")
        return message
    }

    /// Looks at the message at the start of `bytes`.
    public mutating func receive(_ bytes: RawSpan) -> Step {
        switch ServerMessage(at: bytes) {
        case .incomplete(let needed): .needMore(needed)
        case .whole(let tag, let size): tag == .readyForQuery ? .done(consumed: size) : .proceed(consumed: size)
        case .malformed: .failed(ErrorResponse(.connectionFailure, "the upstream does not answer as PostgreSQL does"))
        }
    }
}
