/// Reads the attributes of a SCRAM message (RFC 5802, section 7), with PostgreSQL's rules and complaints
/// (`auth-scram.c`: `read_attr_value`, `read_any_attr`).
///
/// Like there, a message holds no NUL, and what stands behind its end reads as one.
struct SCRAMReader {
    private let message: [UInt8]
    /// Where the next byte to be read stands.
    private(set) var offset = 0

    init(_ message: [UInt8]) throws(SCRAMFailure) {
        guard !message.isEmpty else { throw .malformed("The message is empty.") }
        guard !message.contains(0) else { throw .malformed("Message length does not match input length.") }
        self.message = message
    }

    /// The next byte, NUL at the end.
    var next: UInt8 { offset < message.count ? message[offset] : 0 }

    var isAtEnd: Bool { offset >= message.count }

    /// What has not been read.
    var rest: [UInt8] { Array(message[offset...]) }

    mutating func skip() {
        offset += 1
    }

    mutating func expectComma() throws(SCRAMFailure) {
        guard next == UInt8(ascii: ",") else {
            throw .malformed("Comma expected, but found character \"\(Self.printable(next))\".")
        }
        skip()
    }

    /// Reads `name=value` and the comma behind it.
    mutating func value(of name: UInt8) throws(SCRAMFailure) -> [UInt8] {
        guard next == name else {
            throw .malformed(
                "Expected attribute \"\(Character(Unicode.Scalar(name)))\" but found \"\(Self.printable(next))\"."
            )
        }
        return try value(behind: name)
    }

    /// Reads any attribute and the comma behind it.
    mutating func attribute() throws(SCRAMFailure) -> (name: UInt8, value: [UInt8]) {
        let name = next
        guard name != 0 else { throw .malformed("Attribute expected, but found end of string.") }
        switch name {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            return (name, try value(behind: name))
        default:
            throw .malformed("Attribute expected, but found invalid character \"\(Self.printable(name))\".")
        }
    }

    private mutating func value(behind name: UInt8) throws(SCRAMFailure) -> [UInt8] {
        skip()
        guard next == UInt8(ascii: "=") else {
            throw .malformed("Expected character \"=\" for attribute \"\(Character(Unicode.Scalar(name)))\".")
        }
        skip()
        let value = Array(message[offset...].prefix { $0 != UInt8(ascii: ",") })
        offset += value.count
        if !isAtEnd { skip() }
        return value
    }

    /// A byte as PostgreSQL's `sanitize_char` shows it.
    static func printable(_ byte: UInt8) -> String {
        if (0x21...0x7e).contains(byte) { return "'\(Character(Unicode.Scalar(byte)))'" }
        let digits = String(byte, radix: 16)
        return "0x" + (digits.count == 1 ? "0" : "") + digits
    }

    /// Whether all bytes are `printable` of RFC 5802: ASCII without white space and comma.
    static func isPrintable(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ",") }
    }
}
