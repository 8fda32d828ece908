/// Literals that a date's input function reads as a moment: 'now', 'today 10:00', '{tomorrow,yesterday}'.
///
/// PostgreSQL reads such a literal when it analyses the statement, and the prepared statement keeps what it read.
enum FrozenLiteral {
    /// Whether some date type's input function may read the time of day or the date into `literal` (datetime.c,
    /// ParseDateTime; arrayfuncs.c, rowtypes.c and rangetypes.c for what has such values in it).
    static func isFrozen(_ literal: String) -> Bool {
        // The quick look that many literals end with: each of the words has a `w` or a `y`.
        guard literal.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "w") || $0 | 0x20 == UInt8(ascii: "y") }) else {
            return false
        }
        var element = Element()
        var isComposite: Bool?
        // Quotes and backslashes may stand in the middle of a word of an array, a row or a range.
        for byte in literal.utf8 where byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
            if isComposite == nil, !isSpace(byte) { isComposite = "{[(".utf8.contains(byte) }
            if isComposite == true, "{}[](),".utf8.contains(byte) {
                if element.isMoment { return true }
                element = Element()
            } else {
                element.take(byte)
                if isComposite == false, element.isProse { return false }
            }
        }
        return element.isMoment
    }

    /// One value of a date's, while its bytes go by.
    private struct Element {
        private var word: [UInt8] = []
        private var isFieldKnown = true
        private var unknownFields = 0
        private var hasMoment = false

        /// More words than a date and a zone have.
        var isProse: Bool { unknownFields > 1 }

        var isMoment: Bool {
            var ended = self
            ended.endField()
            return ended.hasMoment && !ended.isProse
        }

        mutating func take(_ byte: UInt8) {
            if isLetter(byte) {
                if word.count <= longestWord { word.append(byte | 0x20) }
            } else if isSpace(byte) {
                endField()
            } else {
                endWord()
            }
        }

        private mutating func endField() {
            endWord()
            if !isFieldKnown { unknownFields += 1 }
            isFieldKnown = true
        }

        private mutating func endWord() {
            guard !word.isEmpty else { return }
            let text = String(decoding: word, as: UTF8.self)
            if moments.contains(text) {
                hasMoment = true
            } else if !otherWords.contains(text) {
                isFieldKnown = false
            }
            word.removeAll(keepingCapacity: true)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte >= 9 && byte <= 13
    }

    private static let longestWord = 9

    private static let moments: Set<String> = ["now", "today", "tomorrow", "yesterday"]

    /// What else datetime.c's table knows; time zones are any words.
    private static let otherWords: Set<String> = [
        "ad", "allballs", "am", "apr", "april", "at", "aug", "august", "bc", "d", "dec", "december", "dow", "doy",
        "dst", "epoch", "feb", "february", "fri", "friday", "h", "infinity", "isodow", "isoyear", "j", "jan",
        "january", "jd", "jul", "julian", "july", "jun", "june", "m", "mar", "march", "may", "mm", "mon", "monday",
        "nov", "november", "oct", "october", "on", "pm", "s", "sat", "saturday", "sep", "sept", "september", "sun",
        "sunday", "t", "thu", "thur", "thurs", "thursday", "tue", "tues", "tuesday", "wed", "wednesday", "weds", "y",
    ]
}
