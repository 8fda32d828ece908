/// JSON put together as bytes.
extension ByteBuffer {
    /// A string in quotes (RFC 8259, section 7).
    mutating func append(quoted text: some StringProtocol) {
        append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            // Some readers take these for the ends of lines.
            case "\u{2028}": append("\\u2028")
            case "\u{2029}": append("\\u2029")
            case "\0"..<" ", "\u{7f}"..."\u{9f}":
                append("\\u00")
                append(Self.digit(UInt8(scalar.value) >> 4))
                append(Self.digit(UInt8(scalar.value) & 15))
            default:
                for byte in scalar.utf8 { append(byte) }
            }
        }
        append(UInt8(ascii: "\""))
    }

    mutating func append(quoted texts: [String]) {
        append(UInt8(ascii: "["))
        for (index, text) in texts.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            append(quoted: text)
        }
        append(UInt8(ascii: "]"))
    }
}
