/// An error to a client (protocol chapter, "Error and Notice Message Fields").
public struct ErrorResponse: Error, Sendable, Hashable {
    /// Whether the connection outlives the error.
    public enum Severity: String, Sendable {
        case error = "ERROR"
        /// The connection ends after it.
        case fatal = "FATAL"
    }

    /// Fields S and V.
    public var severity: Severity
    /// Field C.
    public var sqlState: SQLState
    /// Field M: what went wrong, in a line.
    public var message: String
    /// Field D: why.
    public var detail: String?
    /// Field H: what to do about it.
    public var hint: String?
    /// Where in the query, in characters from 1.
    public var position: Int?

    /// An error; severity ERROR unless told otherwise.
    public init(
        severity: Severity = .error,
        _ sqlState: SQLState,
        _ message: String,
        detail: String? = nil,
        hint: String? = nil,
        position: Int? = nil
    ) {
        self.severity = severity
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position
    }

    /// An error after which the connection is closed.
    public static func fatal(_ sqlState: SQLState, _ message: String, detail: String? = nil, hint: String? = nil)
        -> Self
    {
        ErrorResponse(severity: .fatal, sqlState, message, detail: detail, hint: hint)
    }

    func appendFields(to body: inout [UInt8]) {
        func field(_ code: Unicode.Scalar, _ value: String?) {
            guard let value else { return }
            body.append(UInt8(ascii: code))
            // A NUL would end the field early; nothing we word has one, what we quote might.
            body.append(contentsOf: value.utf8.lazy.filter { $0 != 0 })
            body.append(0)
        }
        field("S", severity.rawValue)
        field("V", severity.rawValue)
        field("C", sqlState.rawValue)
        field("M", message)
        field("D", detail)
        field("H", hint)
        field("P", position.map(String.init))
        body.append(0)
    }
}

/// An ErrorResponse or NoticeResponse from a server, read where it lies.
public struct ErrorFields {
    /// The value of field `code` in a message body (header cut off), nil when absent or the body is malformed.
    public static func value(_ code: Unicode.Scalar, in body: RawSpan) -> String? {
        let wanted = UInt8(ascii: code)
        var offset = 0
        while offset < body.byteCount, body.byte(at: offset) != 0 {
            let tag = body.byte(at: offset)
            guard let end = body.firstNull(from: offset + 1) else { return nil }
            if tag == wanted { return body.string(offset + 1..<end) }
            offset = end + 1
        }
        return nil
    }
}
