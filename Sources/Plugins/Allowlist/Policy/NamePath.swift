/// Names written as text, read by PostgreSQL's rules: parts between dots, lower case unless in double quotes.
///
/// What the server would fold by its locale (letters beyond ASCII without quotes) is refused, not guessed.
enum NamePath {
    /// The parts of a dotted name, nil when the text is not one.
    static func parse(_ text: String) -> [String]? {
        parts(of: text, separator: UInt8(ascii: "."))
    }

    /// The names of a list such as a search_path, nil when the text is not one. An empty text is an empty list.
    static func parseList(_ text: String) -> [String]? {
        if text.utf8.allSatisfy(isSpace) { return [] }
        return parts(of: text, separator: UInt8(ascii: ","))
    }

    private static func parts(of text: String, separator: UInt8) -> [String]? {
        var rest = text.utf8[...]
        var parts: [String] = []
        while true {
            rest = rest.drop(while: isSpace)
            guard let part = takePart(&rest) else { return nil }
            parts.append(part)
            rest = rest.drop(while: isSpace)
            guard let next = rest.popFirst() else { return parts }
            guard next == separator else { return nil }
        }
    }

    private static func takePart(_ rest: inout Substring.UTF8View.SubSequence) -> String? {
        guard rest.first == UInt8(ascii: "\"") else { return takePlainPart(&rest) }
        var bytes: [UInt8] = []
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "\"") {
                bytes.append(byte)
            } else if rest.first == UInt8(ascii: "\"") {
                rest.removeFirst()
                bytes.append(byte)
            } else {
                return name(of: bytes)
            }
        }
        return nil
    }

    private static func takePlainPart(_ rest: inout Substring.UTF8View.SubSequence) -> String? {
        let part = rest.prefix(while: isPlain)
        guard let first = part.first, !isDigit(first), first != UInt8(ascii: "$") else { return nil }
        rest = rest.dropFirst(part.count)
        return name(of: part.map { isUpper($0) ? $0 | 0x20 : $0 })
    }

    /// A name longer than 63 bytes would be cut by the server: none of ours.
    private static func name(of bytes: [UInt8]) -> String? {
        guard (1...63).contains(bytes.count), !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func isUpper(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        isUpper(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || isDigit(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
    }
}
