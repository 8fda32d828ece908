/// A position in a TOML text that counts lines: TOML's lexical rules, as far as finding keys needs them.
struct TOMLCursor: Sendable {
    private let bytes: [UInt8]
    private(set) var position = 0
    private(set) var line = 1

    init(text: String) {
        bytes = Array(text.utf8)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    var isAtQuote: Bool { current == UInt8(ascii: "\"") || current == UInt8(ascii: "'") }

    /// Whether a key without quotes begins here.
    var isAtBareKey: Bool {
        guard let byte = current else { return false }
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): return true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): return true
        default: return false
        }
    }

    mutating func advance(by count: Int = 1) {
        for _ in 0..<count {
            guard let byte = current else { return }
            if byte == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
    }

    mutating func skipToEnd() { position = bytes.count }

    mutating func skipSpaces() {
        while current == UInt8(ascii: " ") || current == UInt8(ascii: "\t") { advance() }
    }

    /// White space, line ends and comments.
    mutating func skipBlanks() {
        while let byte = current {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): advance()
            case UInt8(ascii: "#"): while let byte = current, byte != UInt8(ascii: "\n") { advance() }
            default: return
            }
        }
    }

    mutating func skipBlanksAndCommas() {
        skipBlanks()
        while current == UInt8(ascii: ",") {
            advance()
            skipBlanks()
        }
    }

    /// Past the next occurrence of a byte on this line.
    mutating func skip(through end: UInt8) {
        while let byte = current, byte != UInt8(ascii: "\n") {
            advance()
            if byte == end { return }
        }
        advance()
    }

    /// A number, boolean or date: anything up to what ends a value.
    mutating func skipBareValue() {
        let ends: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"), 10]
        while let byte = current, !ends.contains(byte) { advance() }
    }

    mutating func bareKey() -> String {
        let start = position
        let ends: [UInt8] = [
            UInt8(ascii: "."), UInt8(ascii: "="), UInt8(ascii: "]"), UInt8(ascii: " "), UInt8(ascii: "\t"), 10,
        ]
        while let byte = current, !ends.contains(byte) { advance() }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// The content of a string in any of TOML's four forms.
    mutating func quotedString() -> String {
        guard let quote = current else { return "" }
        let isBasic = quote == UInt8(ascii: "\"")
        let isMultiline = isAtTriple(quote)
        advance(by: isMultiline ? 3 : 1)
        var content: [UInt8] = []
        while let byte = current {
            if byte == quote && (!isMultiline || isAtTriple(quote)) {
                advance(by: isMultiline ? 3 : 1)
                // `"""a"""""` ends in two quotes of its own.
                while isMultiline && current == quote { advance() }
                break
            }
            advance()
            if isBasic && byte == UInt8(ascii: "\\") {
                content += escapedBytes()
            } else {
                content.append(byte)
            }
        }
        return String(decoding: content, as: UTF8.self)
    }

    private func isAtTriple(_ quote: UInt8) -> Bool {
        bytes[position...].starts(with: [quote, quote, quote])
    }

    /// What a backslash that has just been passed stands for together with what follows it.
    private mutating func escapedBytes() -> [UInt8] {
        guard let byte = current else { return [] }
        advance()
        switch byte {
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "x"): return scalar(digits: 2)
        case UInt8(ascii: "u"): return scalar(digits: 4)
        case UInt8(ascii: "U"): return scalar(digits: 8)
        default: return [byte]
        }
    }

    private mutating func scalar(digits: Int) -> [UInt8] {
        let text = String(decoding: bytes[position...].prefix(digits), as: UTF8.self)
        advance(by: digits)
        guard let number = UInt32(text, radix: 16), let scalar = Unicode.Scalar(number) else { return [] }
        return Array(String(Character(scalar)).utf8)
    }
}
