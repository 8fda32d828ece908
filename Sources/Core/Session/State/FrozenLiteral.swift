/// Literals that a date's input function reads as a moment: 'now', 'today 10:00', '{tomorrow,yesterday}'.
///
/// PostgreSQL reads such a literal when it analyses the statement, and the prepared statement keeps what it read.
enum FrozenLiteral {
    private static let shortest = 3
    /// More words than a date and a zone have: prose.
    private static let mostUnknownWords = 1

    /// Whether some date type's input function may read the time of day or the date into `literal` (datetime.c,
    /// ParseDateTime; arrayfuncs.c, rowtypes.c and rangetypes.c for what has such values in it).
    static func isFrozen(_ literal: String) -> Bool {
        guard literal.utf8.count >= shortest, mentionsMoment(literal) else { return false }
        // Quotes and backslashes may stand in the middle of a word of an array, a row or a range.
        let plain = literal.utf8.filter { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        let isComposite = plain.first { !isSpace($0) }.map { "{[(".utf8.contains($0) } ?? false
        guard isComposite else { return isMoment(plain[...]) }
        return plain.split { "{}[](),".utf8.contains($0) }.contains(where: isMoment)
    }

    /// The quick look that most literals end with: each of the words has a `w` or a `y`.
    private static func mentionsMoment(_ literal: String) -> Bool {
        literal.utf8.contains { $0 | 0x20 == UInt8(ascii: "w") || $0 | 0x20 == UInt8(ascii: "y") }
    }

    private static func isMoment(_ text: ArraySlice<UInt8>) -> Bool {
        var hasMoment = false
        var unknown = 0
        for field in text.split(whereSeparator: isSpace) {
            var isKnown = true
            for word in field.split(whereSeparator: { !isLetter($0) }) {
                let word = String(decoding: word.map { $0 | 0x20 }, as: UTF8.self)
                if moments.contains(word) {
                    hasMoment = true
                } else if !otherWords.contains(word) {
                    isKnown = false
                }
            }
            if !isKnown { unknown += 1 }
        }
        return hasMoment && unknown <= mostUnknownWords
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte >= 9 && byte <= 13
    }

    private static let moments: Set<String> = ["now", "today", "tomorrow", "yesterday"]

    /// What else datetime.c's table knows; time zones are any words.
    private static let otherWords: Set<String> = [
        "ad", "allballs", "am", "apr", "april", "at", "aug", "august", "bc", "d", "dec", "december", "dow", "doy",
        "dst",
        "epoch", "feb", "february", "fri", "friday", "h", "infinity", "isodow", "isoyear", "j", "jan", "january", "jd",
        "jul", "julian", "july", "jun", "june", "m", "mar", "march", "may", "mm", "mon", "monday", "nov", "november",
        "oct", "october", "on", "pm", "s", "sat", "saturday", "sep", "sept", "september", "sun", "sunday", "t", "thu",
        "thur", "thurs", "thursday", "tue", "tues", "tuesday", "wed", "wednesday", "weds", "y",
    ]
}
