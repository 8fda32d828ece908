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
        // Without a sign, as PostgreSQL reads it: up to 65535 types.
        let count = Int(UInt16(bitPattern: body.int16(at: textEnd + 1)))
        guard body.byteCount == textEnd + 3 + 4 * count else {
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
