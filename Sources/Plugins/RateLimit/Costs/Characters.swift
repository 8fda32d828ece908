import PluginAPI
import SQLInspection

/// Where the values of constants and parameters come from.
protocol InputSource: ~Copyable {
    func value(ofConstant index: Int, in statement: Int) -> String?
    func value(ofParameter number: Int) -> ParameterValue
}

extension AdmissionEvent: InputSource {}

extension ExecutedStatement: InputSource {
    func value(ofConstant index: Int, in statement: Int) -> String? { value(ofConstant: index) }
}

/// How many characters an argument is, as PostgreSQL's `length` counts them.
enum Characters {
    /// The characters of `argument`; nil when that cannot be told before the statement runs.
    static func count<Source: InputSource & ~Copyable>(
        _ argument: ArgumentValue,
        isArray: Bool,
        in statement: Int,
        from source: borrowing Source
    ) -> UInt64? {
        switch argument {
        case .null, .boolean: return 0
        case .constant(let index):
            guard let text = source.value(ofConstant: index, in: statement) else { return nil }
            return count(text, isArray: isArray)
        case .parameter(let number):
            switch source.value(ofParameter: number) {
            case .null: return 0
            case .text(let text, let type): return count(text, isArray: isArray || ArrayTypes.all.contains(type))
            case .binary(let bytes, let type): return count(bytes, type: type)
            case .unknown: return nil
            }
        case .array(let elements):
            var sum: UInt64 = 0
            for element in elements {
                guard let count = count(element, isArray: false, in: statement, from: source) else { return nil }
                sum += count
            }
            return sum
        case .cast(let inner, let type):
            return count(inner, isArray: isArray || type.isArray, in: statement, from: source)
        case .other: return nil
        }
    }

    private static func count(_ text: String, isArray: Bool) -> UInt64 {
        isArray ? arrayLiteral(text) : UInt64(text.unicodeScalars.count)
    }

    /// The characters of the elements of `{a,"b c"}`. Of what is no array literal, all: the server will refuse it.
    private static func arrayLiteral(_ text: String) -> UInt64 {
        let isLiteral = text.utf8.first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "{")
        guard isLiteral else { return UInt64(text.unicodeScalars.count) }
        var count: UInt64 = 0
        var isQuoted = false
        var isEscaped = false
        for byte in text.utf8 {
            switch byte {
            case _ where isEscaped:
                isEscaped = false
                if byte & 0xC0 != 0x80 { count += 1 }
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","):
                if isQuoted { count += 1 }
            default:
                if byte & 0xC0 != 0x80 { count += 1 }
            }
        }
        return count
    }

    // MARK: Binary format

    private static func count(_ bytes: [UInt8], type: UInt32) -> UInt64 {
        // Of a type that is left to the server, what has the form of an array of texts is one: a text holds no NUL.
        if type == 0 || ArrayTypes.all.contains(type), let count = array(bytes) { return count }
        return scalar(bytes[...])
    }

    /// array_recv's form: dimensions, flags, element type; length and lower bound of each dimension; then length and bytes
    /// of each element.
    private static func array(_ bytes: [UInt8]) -> UInt64? {
        var rest = bytes[...]
        guard let dimensions = take(&rest), (0...6).contains(dimensions), let flags = take(&rest),
            (0...1).contains(flags),
            let type = take(&rest), ArrayTypes.elements.contains(UInt32(bitPattern: type))
        else { return nil }
        if dimensions == 0 { return rest.isEmpty ? 0 : nil }
        for _ in 0..<dimensions { guard take(&rest) != nil, take(&rest) != nil else { return nil } }
        var count: UInt64 = 0
        while !rest.isEmpty {
            guard let length = take(&rest), length >= -1, Int(length) <= rest.count else { return nil }
            guard length > 0 else { continue }
            count += scalar(rest.prefix(Int(length)))
            rest = rest.dropFirst(Int(length))
        }
        return count
    }

    /// Characters of UTF-8; of anything else, bytes that could begin one.
    private static func scalar(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var count: UInt64 = 0
        for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    private static func take(_ rest: inout ArraySlice<UInt8>) -> Int32? {
        guard rest.count >= 4 else { return nil }
        let value = rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        rest = rest.dropFirst(4)
        return Int32(bitPattern: value)
    }
}

/// OIDs of PostgreSQL's pg_type.dat, which never change.
enum ArrayTypes {
    /// json[], bytea[], text[], varchar[], jsonb[].
    static let all: Set<UInt32> = [199, 1001, 1009, 1015, 3807]
    /// bytea, text, json, unknown, varchar, jsonb.
    static let elements: Set<UInt32> = [17, 25, 114, 705, 1043, 3802]
}
