/// Finds one member of an object in JSON text, as far as that goes without reading all of it as JSON.
enum JSONMember {
    /// The string that the outermost object has under `name`; nil where there is none, or where escapes are in it.
    static func string(_ name: String, in text: String) -> String? {
        let bytes = Array(text.utf8)
        var position = 0
        var depth = 0
        var isKey = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"):
                depth += 1
                isKey = true
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ","): isKey = true
            case UInt8(ascii: ":"): isKey = false
            case UInt8(ascii: "\""):
                guard let end = endOfString(bytes, position) else { return nil }
                if isKey, depth == 1, bytes[(position + 1)..<end].elementsEqual(name.utf8) {
                    return value(bytes, after: end)
                }
                position = end
            default: break
            }
            position += 1
        }
        return nil
    }

    private static func value(_ bytes: [UInt8], after end: Int) -> String? {
        let rest = bytes[(end + 1)...].drop { $0 == 0x20 || $0 == UInt8(ascii: ":") || (9...13).contains($0) }
        guard rest.first == UInt8(ascii: "\""), let last = endOfString(bytes, rest.startIndex) else { return nil }
        let inner = bytes[(rest.startIndex + 1)..<last]
        return inner.contains(UInt8(ascii: "\\")) ? nil : String(validating: inner, as: UTF8.self)
    }

    private static func endOfString(_ bytes: [UInt8], _ start: Int) -> Int? {
        var position = start + 1
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "\"") { return position }
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }
}
