/// A line of the log, taken apart as far as the chain needs it.
struct Line {
    let stream: ArraySlice<UInt8>
    let sequence: Int
    let type: String
    /// What the digest is of: all before it.
    let body: ArraySlice<UInt8>
    let digest: [UInt8]

    private static let digestMember = Array(",\"mac\":\"".utf8)
    private static let digestLength = 64

    /// nil for what no gateway has written.
    ///
    /// - Parameter line: without its line feed.
    init?(_ line: ArraySlice<UInt8>) {
        let tail = Self.digestMember.count + Self.digestLength + 2
        guard line.count > tail, line.suffix(2).elementsEqual("\"}".utf8) else { return nil }
        body = line.dropLast(tail)
        let member = line.suffix(tail)
        guard member.starts(with: Self.digestMember),
            let digest = Self.bytes(hexadecimal: member.dropFirst(Self.digestMember.count).dropLast(2))
        else { return nil }
        self.digest = digest
        var rest = body
        guard Self.take("{\"v\":1,\"stream\":\"", &rest), let end = rest.firstIndex(of: UInt8(ascii: "\"")) else {
            return nil
        }
        stream = rest[..<end]
        rest = rest[end...]
        guard Self.take("\",\"seq\":", &rest) else { return nil }
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard let sequence = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        self.sequence = sequence
        rest = rest.dropFirst(digits.count)
        guard Self.take(",\"time\":\"", &rest), let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        rest = rest[end...]
        guard Self.take("\",\"type\":\"", &rest), let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        type = String(decoding: rest[..<end], as: UTF8.self)
    }

    /// The value of a member that the gateway itself has made: no escapes in it, and nothing of a client's before it.
    func value(of member: String) -> String? {
        let pattern = Array("\"\(member)\":".utf8)
        var start = body.startIndex
        while start + pattern.count < body.endIndex {
            if body[start..<(start + pattern.count)].elementsEqual(pattern) {
                let rest = body[(start + pattern.count)...]
                let value = rest.first == UInt8(ascii: "\"") ? rest.dropFirst() : rest
                let end = value.firstIndex {
                    $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}")
                }
                return String(decoding: value[..<(end ?? value.endIndex)], as: UTF8.self)
            }
            start += 1
        }
        return nil
    }

    static func bytes(hexadecimal text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x61...0x66: value = digit - 0x61 + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }

    private static func take(_ text: String, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }
}
