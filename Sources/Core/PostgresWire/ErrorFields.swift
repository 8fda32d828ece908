/// An ErrorResponse or NoticeResponse from a server, read where it lies.
public enum ErrorFields {
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
