/// An array in PostgreSQL's text form, `{a,"b c",NULL}`, as far as two readers agree about it.
enum ArrayLiteral {
    /// The elements, nil standing for NULL. Nil altogether for what is not one dimension of plain or quoted elements:
    /// nested arrays, bounds (`[2:3]={…}`), a stray backslash or quote.
    static func read(_ text: String) -> [String?]? {
        var rest = ArraySlice(text.utf8)
        skipSpace(&rest)
        guard rest.popFirst() == UInt8(ascii: "{") else { return nil }
        var elements: [String?] = []
        skipSpace(&rest)
        if rest.first == UInt8(ascii: "}") {
            rest.removeFirst()
        } else {
            repeat {
                guard let element = takeElement(&rest) else { return nil }
                elements.append(element.value)
            } while take(UInt8(ascii: ","), &rest)
            guard rest.popFirst() == UInt8(ascii: "}") else { return nil }
        }
        skipSpace(&rest)
        return rest.isEmpty ? elements : nil
    }

    private struct Element {
        let value: String?
    }

    private static func takeElement(_ rest: inout ArraySlice<UInt8>) -> Element? {
        skipSpace(&rest)
        let element = rest.first == UInt8(ascii: "\"") ? takeQuoted(&rest) : takePlain(&rest)
        skipSpace(&rest)
        return element
    }

    private static func takeQuoted(_ rest: inout ArraySlice<UInt8>) -> Element? {
        rest.removeFirst()
        var bytes: [UInt8] = []
        while var byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return String(validating: bytes, as: UTF8.self).map(Element.init) }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst() else { return nil }
                byte = escaped
            }
            bytes.append(byte)
        }
        return nil
    }

    private static func takePlain(_ rest: inout ArraySlice<UInt8>) -> Element? {
        let part = rest.prefix { !"{},\"\\".utf8.contains($0) }
        rest = rest.dropFirst(part.count)
        guard let end = part.lastIndex(where: { !isSpace($0) }),
            let text = String(validating: part[...end], as: UTF8.self)
        else { return nil }
        return Element(value: text.lowercased() == "null" ? nil : text)
    }

    private static func take(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    private static func skipSpace(_ rest: inout ArraySlice<UInt8>) {
        rest = rest.drop(while: isSpace)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}
