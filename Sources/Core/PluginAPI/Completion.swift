/// How an Execute or a Query's statement has ended without an error.
public struct Completion: Sendable {
    /// What the server said.
    public enum End: Sendable {
        /// CommandComplete.
        case command
        /// PortalSuspended: an Execute has reached its row limit, and the next of the same portal goes on.
        case suspended
        /// EmptyQueryResponse: there was no statement at all.
        case empty
    }

    /// What the server said.
    public let end: End
    /// How many rows were returned or changed; nil for commands without a count.
    public let rows: UInt64?

    /// An end without a tag.
    public init(_ end: End) {
        self.end = end
        rows = nil
    }

    /// A command's end: `INSERT 0 5`.
    ///
    /// - Parameter tag: without the zero byte at its end.
    public init(tag: RawSpan) {
        end = .command
        var rows: UInt64 = 0
        var place: UInt64 = 1
        var digits = tag.byteCount
        while digits > 0, case let digit = unsafe tag.unsafeLoad(fromByteOffset: digits - 1, as: UInt8.self) &- 0x30,
            digit < 10
        {
            rows &+= UInt64(digit) &* place
            place &*= 10
            digits -= 1
        }
        self.rows = digits < tag.byteCount && digits > 0 ? rows : nil
    }
}
