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
