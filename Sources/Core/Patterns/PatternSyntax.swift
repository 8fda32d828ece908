/// What of PCRE2's syntax is not taken.
enum PatternSyntax {
    private static let backslash = UInt8(ascii: "\\")

    /// The first verb or `\G`: both tie a match to where the search began.
    static func problem(in source: String) -> PatternError? {
        let bytes = Array(source.utf8)
        var index = 0
        var isInClass = false
        while index < bytes.count {
            switch bytes[index] {
            case backslash:
                guard index + 1 < bytes.count else { return nil }
                if bytes[index + 1] == UInt8(ascii: "Q") {
                    index = endOfQuotation(in: bytes, from: index + 2)
                    continue
                }
                if bytes[index + 1] == UInt8(ascii: "G"), !isInClass {
                    return PatternError("\\G is not taken here; the whole text is searched", offset: index)
                }
                index += 1
            case UInt8(ascii: "[") where !isInClass:
                isInClass = true
                // A bracket that closes nothing stands for itself: `[]a]`, `[^]a]`.
                if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "^") { index += 1 }
                if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "]") { index += 1 }
            case UInt8(ascii: "["):
                index = endOfNamedClass(in: bytes, from: index) ?? index
            case UInt8(ascii: "]"):
                isInClass = false
            case UInt8(ascii: "(") where !isInClass && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "*"):
                return PatternError("(*…) is not taken here; write (?…) where there is such a form", offset: index)
            default: break
            }
            index += 1
        }
        return nil
    }

    /// `[:digit:]`: where its last byte is.
    private static func endOfNamedClass(in bytes: [UInt8], from start: Int) -> Int? {
        guard start + 1 < bytes.count, bytes[start + 1] == UInt8(ascii: ":") else { return nil }
        var index = start + 2
        while index + 1 < bytes.count, bytes[index] != UInt8(ascii: "]") {
            if bytes[index] == UInt8(ascii: ":"), bytes[index + 1] == UInt8(ascii: "]") { return index + 1 }
            index += 1
        }
        return nil
    }

    /// Behind `\E`, or the end.
    private static func endOfQuotation(in bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == backslash, bytes[index + 1] == UInt8(ascii: "E") { return index + 2 }
            index += 1
        }
        return bytes.count
    }
}
