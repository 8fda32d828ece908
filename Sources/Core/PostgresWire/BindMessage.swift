/// Bind: where its parts lie in the body (header cut off).
public struct BindMessage {
    /// The portal to make; empty for the unnamed one.
    public let portal: Range<Int>
    /// The prepared statement to bind.
    public let statement: Range<Int>
    /// Format codes of the parameters: none (all text), one for all, or one each.
    public let formats: [Int16]
    /// Where each value lies; nil for NULL.
    public let parameters: [Range<Int>?]

    /// The two names at the start of a Bind's body, nil while they are not there in full.
    public static func names(_ body: RawSpan) -> (portal: Range<Int>, statement: Range<Int>)? {
        guard let portalEnd = body.firstNull(from: 0), let statementEnd = body.firstNull(from: portalEnd + 1) else {
            return nil
        }
        return (0..<portalEnd, portalEnd + 1..<statementEnd)
    }

    /// Reads a whole body.
    public init(_ body: RawSpan) throws(MalformedMessage) {
        let malformed = MalformedMessage(tag: FrontendTag.bind.rawValue)
        guard let names = Self.names(body) else { throw malformed }
        var offset = names.statement.upperBound + 1
        func count() throws(MalformedMessage) -> Int {
            guard body.byteCount >= offset + 2 else { throw malformed }
            let value = Int(UInt16(bitPattern: body.int16(at: offset)))
            offset += 2
            return value
        }
        let formatCount = try count()
        guard body.byteCount >= offset + 2 * formatCount else { throw malformed }
        var formats: [Int16] = []
        for index in 0..<formatCount { formats.append(body.int16(at: offset + 2 * index)) }
        offset += 2 * formatCount
        let parameterCount = try count()
        var parameters: [Range<Int>?] = []
        for _ in 0..<parameterCount {
            guard body.byteCount >= offset + 4 else { throw malformed }
            let length = Int(body.int32(at: offset))
            offset += 4
            if length == -1 {
                parameters.append(nil)
                continue
            }
            guard length >= 0, body.byteCount - offset >= length else { throw malformed }
            parameters.append(offset..<offset + length)
            offset += length
        }
        let resultFormatCount = try count()
        guard body.byteCount == offset + 2 * resultFormatCount else { throw malformed }
        portal = names.portal
        statement = names.statement
        self.formats = formats
        self.parameters = parameters
    }

    /// The format code of parameter `index` (0 text, 1 binary), nil when the message gives none for it.
    public func format(of index: Int) -> Int16? {
        switch formats.count {
        case 0: 0
        case 1: formats[0]
        default: index < formats.count ? formats[index] : nil
        }
    }
}
