/// What CommandComplete says, as it is: it is made a text only for who asks.
public struct CompletionTag: Sendable {
    /// How an Execute or a Query's statement can end without an error.
    public enum End: Sendable {
        /// CommandComplete.
        case command
        /// PortalSuspended: an Execute has reached its row limit.
        case suspended
        /// EmptyQueryResponse: there was no statement at all.
        case empty
    }

    /// Longer tags are cut.
    private static let longest = 32
    /// The tag's bytes, eight in each, the first in the lowest.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    /// What has ended.
    public let end: End
    /// How many rows were returned or changed; nil for commands without a count.
    public let rows: UInt64?

    /// An end without a tag.
    public init(_ end: End) {
        self.end = end
        rows = nil
    }

    /// A command's tag: `INSERT 0 5`.
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
        words.0 = Self.word(0, of: tag)
        guard tag.byteCount > 8 else { return }
        words.1 = Self.word(8, of: tag)
        guard tag.byteCount > 16 else { return }
        words.2 = Self.word(16, of: tag)
        words.3 = Self.word(24, of: tag)
    }

    private static func word(_ start: Int, of tag: RawSpan) -> UInt64 {
        if tag.byteCount >= start + 8 {
            return UInt64(littleEndian: unsafe tag.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
        }
        var word: UInt64 = 0
        for offset in stride(from: tag.byteCount - 1, through: start, by: -1) {
            word = word << 8 | UInt64(unsafe tag.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
        }
        return word
    }

    /// The tag; `suspended` and `empty` where there is none.
    public var text: String {
        switch end {
        case .command: break
        case .suspended: return "suspended"
        case .empty: return "empty"
        }
        var bytes: [UInt8] = []
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return String(decoding: bytes.prefix(Self.longest).prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension CompletionTag {
    /// Whether an Execute has reached its row limit: the next of the same portal goes on.
    public var isSuspended: Bool { end == .suspended }
}
