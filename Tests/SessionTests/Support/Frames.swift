import PostgresWire

/// Messages for tests: made in a word, shown in a line.
enum Frames {
    static func message(_ tag: Character, _ body: [UInt8] = []) -> [UInt8] {
        var bytes = [tag.asciiValue!]
        bytes.append(int32: Int32(body.count + 4))
        return bytes + body
    }

    // MARK: Client

    static func query(_ sql: String) -> [UInt8] { message("Q", Array(sql.utf8) + [0]) }

    static func parse(_ name: String, _ sql: String, types: [UInt32] = []) -> [UInt8] {
        var body = Array(name.utf8) + [0] + Array(sql.utf8) + [0]
        body.append(int16: Int16(types.count))
        for type in types { body.append(int32: Int32(bitPattern: type)) }
        return message("P", body)
    }

    static func bind(_ statement: String, _ values: [String] = [], portal: String = "") -> [UInt8] {
        var body = Array(portal.utf8) + [0] + Array(statement.utf8) + [0, 0, 0]
        body.append(int16: Int16(values.count))
        for value in values {
            body.append(int32: Int32(value.utf8.count))
            body += Array(value.utf8)
        }
        return message("B", body + [0, 0])
    }

    static let describe = message("D", Array("P".utf8) + [0])
    static let execute = message("E", [0, 0, 0, 0, 0])
    static let sync = message("S")
    static let flush = message("H")
    static func close(_ name: String) -> [UInt8] { message("C", Array("S\(name)".utf8) + [0]) }
    static func copyData(_ text: String) -> [UInt8] { message("d", Array(text.utf8)) }
    static let copyDone = message("c")

    // MARK: Server

    static let parseComplete = message("1")
    static let bindComplete = message("2")
    static let closeComplete = message("3")
    static let noData = message("n")
    static func complete(_ tag: String) -> [UInt8] { message("C", Array(tag.utf8) + [0]) }
    static func ready(_ status: Character) -> [UInt8] { message("Z", [status.asciiValue!]) }
    static let copyIn = message("G", [0, 0, 0])
    static func error(_ sqlState: String, severity: String = "ERROR") -> [UInt8] {
        let text = "S\(severity)\0V\(severity)\0C\(sqlState)\0Mserver says \(sqlState)\0\0"
        return message("E", Array(text.utf8))
    }

    /// An error about place `position` of the text.
    static func error(at position: Int, _ message: String = "no") -> [UInt8] {
        let text = "SERROR\0VERROR\0C42703\0M\(message)\0P\(position)\0Fparse.c\0\0"
        return self.message("E", Array(text.utf8))
    }

    /// The fields of the first message, which is an ErrorResponse.
    static func fields(_ bytes: [UInt8]) -> [String] {
        let length = bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
        return bytes[5..<1 + length].split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Showing

    /// One line a message: its tag, and what a reader wants to know of it.
    static func names(_ bytes: [UInt8]) -> [String] {
        var names: [String] = []
        var offset = 0
        while offset < bytes.count {
            let length = bytes[offset + 1..<offset + 5].reduce(0) { $0 << 8 | Int($1) }
            let body = Array(bytes[offset + 5..<offset + 1 + length])
            names.append(name(Character(Unicode.Scalar(bytes[offset])), body))
            offset += 1 + length
        }
        return names
    }

    private static func name(_ tag: Character, _ body: [UInt8]) -> String {
        let fields = body.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        switch tag {
        case "Q": return fields.isEmpty ? "Q" : "Q \(fields[0])"
        case "Z": return "Z \(fields[0])"
        case "C" where !body.isEmpty: return "C \(fields[0])"
        case "B" where body.count > 1 && body[0] == 0 && body[1] != 0: return "B : \(fields[0])"
        case "P":
            return "P "
                + body.split(separator: 0, omittingEmptySubsequences: false)[..<2]
                .map { String(decoding: $0, as: UTF8.self) }.joined(separator: ": ")
        case "E" where body.first == UInt8(ascii: "S"):
            let state = fields.first { $0.hasPrefix("C") }!.dropFirst()
            let message = fields.first { $0.hasPrefix("M") }!.dropFirst()
            let isFatal = fields.contains("VFATAL")
            return "E \(isFatal ? "FATAL " : "")\(state) \(message)"
        default: return String(tag)
        }
    }
}
