/// Cuts plain `'…'` and numeric literals out of a query text in one pass over its bytes.
///
/// It knows far less SQL than PostgreSQL and must never know anything differently: whatever could be read in two ways
/// makes it unsure, and the text then goes the slower ways. What it is sure of is checked once more, against the parse
/// tree of the template's first text (`TemplateAdmission`).
struct TemplateLexer {
    /// More literals than this, and the text is not worth a template. Also the width of `SlotMask`.
    static let maximumSlots = 64

    /// The literals of the text scanned last, in order; only of use if `scan` was sure.
    private(set) var slots: [Slot]
    private let rules: AdmissionRule

    /// Whether nothing but white space has been seen since a literal's end.
    private var isRightAfterLiteral = false

    init(rules: AdmissionRule = .all) {
        self.rules = rules
        slots = []
        slots.reserveCapacity(Self.maximumSlots)
    }

    /// Finds the literals of `text`. False: not sure, judge the text as a whole.
    mutating func scan(_ text: RawSpan) -> Bool {
        // One by one, for there are few: `removeAll` costs more than all of them.
        while !slots.isEmpty { slots.removeLast() }
        isRightAfterLiteral = false
        var offset = 0
        while offset < text.byteCount {
            guard let next = scanToken(text, at: offset) else { return false }
            offset = next
        }
        return true
    }

    /// Steps over the token at `offset`; nil if not sure what it is.
    @inline(__always)
    private mutating func scanToken(_ text: RawSpan, at offset: Int) -> Int? {
        let byte = text.byte(at: offset)
        switch byte {
        case .space, .tab, .newline, .carriageReturn:
            return offset + 1
        case UInt8(ascii: "'"):
            return scanString(text, at: offset)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return scanNumeral(text, at: offset)
        default:
            break
        }
        isRightAfterLiteral = false
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            return scanName(text, at: offset)
        case UInt8(ascii: "\""):
            return scanQuotedIdentifier(text, at: offset)
        case UInt8(ascii: "$"):
            return scanParameter(text, at: offset)
        case UInt8(ascii: "-"):
            return unless(.comments, text.hasByte(UInt8(ascii: "-"), at: offset + 1), offset + 1)
        case UInt8(ascii: "/"):
            return unless(.comments, text.hasByte(UInt8(ascii: "*"), at: offset + 1), offset + 1)
        case UInt8(ascii: "."):
            // `.5`, and `a.5`, which PostgreSQL reads as `a` and `.5`.
            return unless(.plainNumerals, text.hasByte(at: offset + 1) { $0.isDigit }, offset + 1)
        case UInt8(ascii: "&"):
            // `U&'…'` and `U&"…"`.
            return unless(.prefixedString, text.hasByte(at: offset + 1) { $0.isQuote }, offset + 1)
        case UInt8(ascii: "\\"):
            return nil
        case 0x21...0x7E:
            return offset + 1
        default:
            // Control bytes, and names beyond ASCII.
            return nil
        }
    }

    /// `next`, or nil if the doubt that `rule` is about exists.
    @inline(__always)
    private func unless(_ rule: AdmissionRule, _ doubt: Bool, _ next: Int) -> Int? {
        doubt && rules.contains(rule) ? nil : next
    }

    private mutating func append(_ kind: Slot.Class, _ range: Range<Int>) -> Int? {
        if isRightAfterLiteral && rules.contains(.adjacentLiterals) { return nil }
        guard slots.count < Self.maximumSlots else { return nil }
        let seen = rules.contains(.stringsAndNumerals) ? kind : .string
        slots.append(Slot(kind: seen, start: range.lowerBound, end: range.upperBound))
        isRightAfterLiteral = true
        return range.upperBound
    }
}

// MARK: - Tokens

extension TemplateLexer {
    /// Key words and identifiers: `[A-Za-z_][A-Za-z0-9_$]*`.
    @inline(__always)
    private func scanName(_ text: RawSpan, at start: Int) -> Int? {
        guard rules.contains(.digitsInNames) else { return start + 1 }
        let end = text.endOfName(from: start + 1)
        guard end < text.byteCount else { return end }
        let next = text.byte(at: end)
        // What mostly follows: the step over it comes for free here.
        if next == .space { return end + 1 }
        return unless(.prefixedString, next.isQuote, end)
    }

    /// `$1`, which stays in the key. Anything else that begins with `$` may be a quote.
    private func scanParameter(_ text: RawSpan, at start: Int) -> Int? {
        var offset = start + 1
        guard rules.contains(.digitsInNames) else { return offset }
        while offset < text.byteCount, text.byte(at: offset).isDigit { offset += 1 }
        if offset == start + 1 { return unless(.dollarQuoting, true, offset) }
        return text.hasByte(at: offset) { $0.continuesName || $0.isQuote } ? nil : offset
    }

    /// `"…"` with `""` for a quote, byte for byte part of the key.
    private func scanQuotedIdentifier(_ text: RawSpan, at start: Int) -> Int? {
        guard rules.contains(.quotedIdentifiers) else { return start + 1 }
        var offset = start + 1
        while offset < text.byteCount {
            switch text.byte(at: offset) {
            case UInt8(ascii: "\""):
                offset += 1
                guard text.hasByte(UInt8(ascii: "\""), at: offset) else {
                    // `"char"'x'`: a literal with a type's name before it.
                    return text.hasByte(UInt8(ascii: "'"), at: offset) ? nil : offset
                }
                offset += 1
            case UInt8(ascii: "\\"): return nil
            case 0x20...0x7E: offset += 1
            default: return nil
            }
        }
        return nil
    }

    /// `'…'` with `''` for a quote. Escapes do not exist: standard_conforming_strings is pinned on, and a backslash
    /// makes unsure all the same.
    private mutating func scanString(_ text: RawSpan, at start: Int) -> Int? {
        var offset = start + 1
        var beyondASCII: UInt64 = 0
        while true {
            while offset + 8 <= text.byteCount {
                let word = text.word(at: offset)
                beyondASCII |= word
                let special = word.bytesSpecialInString
                if special != 0 {
                    offset += special.trailingZeroBitCount / 8
                    break
                }
                offset += 8
            }
            guard offset < text.byteCount else { return nil }
            let byte = text.byte(at: offset)
            switch byte {
            case UInt8(ascii: "'"):
                offset += 1
                if !text.hasByte(UInt8(ascii: "'"), at: offset) {
                    return endString(text, start..<offset, isASCII: beyondASCII & .highBits == 0)
                }
                offset += 1
            case UInt8(ascii: "\\"), 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F, 0x7F:
                return nil
            default:
                beyondASCII |= UInt64(byte)
                offset += 1
            }
        }
    }

    private mutating func endString(_ text: RawSpan, _ range: Range<Int>, isASCII: Bool) -> Int? {
        if text.hasByte(at: range.upperBound, where: { $0.continuesName || $0 == UInt8(ascii: "\"") }) { return nil }
        // `isASCII` may be false because of bytes behind the literal; then the check finds nothing.
        if !isASCII && rules.contains(.validEncoding), TextCheck.failure(in: text.extracting(range)) != nil {
            return nil
        }
        return append(.string, range)
    }

    /// `123` and `1.5`; every other form of number is PostgreSQL's to read.
    private mutating func scanNumeral(_ text: RawSpan, at start: Int) -> Int? {
        var end = text.endOfDigits(from: start)
        let integer = start..<end
        if text.hasByte(UInt8(ascii: "."), at: end) {
            let fraction = text.endOfDigits(from: end + 1)
            if fraction == end + 1 && rules.contains(.plainNumerals) { return nil }
            end = fraction
        }
        let hasJunk = text.hasByte(at: end) { $0.continuesName || $0.isQuote || $0 == UInt8(ascii: ".") }
        let hasLeadingZero = integer.count > 1 && text.byte(at: start) == UInt8(ascii: "0")
        if (hasJunk || hasLeadingZero) && rules.contains(.plainNumerals) { return nil }
        if end > integer.upperBound {
            return append(rules.contains(.decimals) ? .decimal : .int4, start..<end)
        }
        guard let width = text.integerClass(integer) else { return nil }
        return append(rules.contains(.integerWidth) ? width : .int4, integer)
    }
}
