/// A message body that does not hold what its type promises: PostgreSQL answers 08P01, "invalid message format".
public struct MalformedMessage: Error, Sendable, Equatable {
    /// The message's type.
    public let tag: UInt8

    /// A malformed message of type `tag`.
    public init(tag: UInt8) { self.tag = tag }
}

/// Parse: where its parts lie in the body (header cut off).
public struct ParseMessage {
    /// The name to prepare under; empty for the unnamed statement.
    public let name: Range<Int>
    /// The query text.
    public let text: Range<Int>
    /// Where the declared parameter types begin, four bytes each.
    public let typesOffset: Int
    /// How many parameter types are declared.
    public let typeCount: Int

    /// Reads a whole body.
    public init(_ body: RawSpan) throws(MalformedMessage) {
        guard let nameEnd = body.firstNull(from: 0), let textEnd = body.firstNull(from: nameEnd + 1),
            body.byteCount >= textEnd + 3
        else { throw MalformedMessage(tag: FrontendTag.parse.rawValue) }
        let count = Int(body.int16(at: textEnd + 1))
        guard count >= 0, body.byteCount == textEnd + 3 + 4 * count else {
            throw MalformedMessage(tag: FrontendTag.parse.rawValue)
        }
        name = 0..<nameEnd
        text = nameEnd + 1..<textEnd
        typesOffset = textEnd + 3
        typeCount = count
    }

    /// The declared type OIDs; 0 leaves a type to the server.
    public func parameterTypes(in body: RawSpan) -> [UInt32] {
        (0..<typeCount).map { UInt32(bitPattern: body.int32(at: typesOffset + 4 * $0)) }
    }
}

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

/// Describe or Close: what kind of thing it names, and where the name lies in the body.
public struct TargetMessage {
    /// What Describe and Close can name.
    public enum Target: UInt8 {
        case statement = 0x53  // S
        case portal = 0x50  // P
    }

    /// What kind of thing is named.
    public let target: Target
    /// Its name; empty for the unnamed one.
    public let name: Range<Int>

    /// Reads the whole body of a message of type `tag`.
    public init(_ body: RawSpan, tag: FrontendTag) throws(MalformedMessage) {
        guard body.byteCount >= 2, let target = Target(rawValue: body.byte(at: 0)),
            let end = body.firstNull(from: 1), end == body.byteCount - 1
        else { throw MalformedMessage(tag: tag.rawValue) }
        self.target = target
        name = 1..<end
    }
}
