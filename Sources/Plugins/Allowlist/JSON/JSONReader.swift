/// Reads JSON (RFC 8259) where two readers could not disagree about it.
///
/// jsonb keeps the last of two equal keys, other readers the first; a policy that looks at one and a server that obeys
/// the other is a hole. So equal keys are refused, compared after their escapes are resolved, and so is everything that
/// is not plainly JSON: a lone surrogate, NUL, a control character in a string, anything behind the value.
struct JSONReader {
    /// The deepest nesting that is read.
    static let depthLimit = 16

    /// Why a text is refused; becomes part of a denial, so it shows none of the text.
    enum Problem: String, Error {
        case malformed = "is not valid JSON"
        case duplicateKey = "has the same key twice in one JSON object"
        case tooDeep = "is nested too deeply"
    }

    private var rest: ArraySlice<UInt8>

    static func read(_ text: String) throws(Problem) -> JSONValue {
        var reader = JSONReader(rest: ArraySlice(text.utf8))
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.rest.isEmpty else { throw .malformed }
        return value
    }

    private mutating func value(depth: Int) throws(Problem) -> JSONValue {
        guard depth <= Self.depthLimit else { throw .tooDeep }
        skipSpace()
        switch rest.first {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(Problem) -> JSONValue {
        rest.removeFirst()
        var members: [JSONValue.Member] = []
        var keys: Set<ExactString> = []
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard rest.first == UInt8(ascii: "\"") else { throw .malformed }
            let key = try string()
            guard take(":") else { throw .malformed }
            let value = try value(depth: depth + 1)
            guard keys.insert(ExactString(key)).inserted else { throw .duplicateKey }
            members.append(.init(key, value))
        } while take(",")
        guard take("}") else { throw .malformed }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Problem) -> JSONValue {
        rest.removeFirst()
        var elements: [JSONValue] = []
        if take("]") { return .array([]) }
        repeat {
            elements.append(try value(depth: depth + 1))
        } while take(",")
        guard take("]") else { throw .malformed }
        return .array(elements)
    }

    private mutating func string() throws(Problem) -> String {
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: bytes, as: UTF8.self) else { throw .malformed }
                return string
            case UInt8(ascii: "\\"): bytes.append(contentsOf: String(try escape()).utf8)
            case 0x00...0x1F: throw .malformed
            default: bytes.append(byte)
            }
        }
        throw .malformed
    }

    /// The character of an escape sequence, its backslash already taken.
    private mutating func escape() throws(Problem) -> Unicode.Scalar {
        switch rest.popFirst() {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw .malformed
        }
    }

    private mutating func unicodeEscape() throws(Problem) -> Unicode.Scalar {
        let unit = try hexUnit()
        var code = UInt32(unit)
        if (0xD800...0xDBFF).contains(unit) {
            guard rest.starts(with: "\\u".utf8) else { throw .malformed }
            rest.removeFirst(2)
            let low = try hexUnit()
            guard (0xDC00...0xDFFF).contains(low) else { throw .malformed }
            code = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        }
        guard code != 0, let scalar = Unicode.Scalar(code) else { throw .malformed }
        return scalar
    }

    private mutating func hexUnit() throws(Problem) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = rest.popFirst(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue,
                byte < 0x80
            else { throw .malformed }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    private mutating func number() throws(Problem) -> String {
        let part = rest.prefix { "+-.0123456789eE".utf8.contains($0) }
        rest = rest.dropFirst(part.count)
        guard NumberText.isJSON(part) else { throw .malformed }
        return String(decoding: part, as: UTF8.self)
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(Problem) -> JSONValue {
        guard rest.starts(with: word.utf8) else { throw .malformed }
        rest = rest.dropFirst(word.utf8.count)
        return value
    }

    private mutating func take(_ symbol: Unicode.Scalar) -> Bool {
        skipSpace()
        guard rest.first == UInt8(ascii: symbol) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    }
}
