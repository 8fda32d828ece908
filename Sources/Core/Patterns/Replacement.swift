/// What takes the place of a match: text with the groups' contents in it.
///
/// `${1}` and `${name}` are what a group has matched, `${0}` the whole match, `${$}` a dollar sign. Any other dollar sign
/// stands for itself, so that SQL's own `$1` and `$tag$` need no care.
public struct Replacement: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case text([UInt8])
        case group(Int)
    }

    let parts: [Part]

    /// Reads a replacement for matches of `pattern`.
    ///
    /// - Throws: what it refers to and the pattern does not have, or a brace that is not closed.
    public init(_ source: String, of pattern: Pattern) throws(PatternError) {
        var parts: [Part] = []
        var text: [UInt8] = []
        let bytes = Array(source.utf8)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "$"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "{")
            else {
                text.append(bytes[index])
                index += 1
                continue
            }
            guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")) else {
                throw PatternError(
                    "\"${\" is not closed; write ${1} or ${name}, or ${$} for a dollar sign",
                    offset: index
                )
            }
            let name = String(decoding: bytes[index + 2..<end], as: UTF8.self)
            if name == "$" {
                text.append(UInt8(ascii: "$"))
            } else {
                guard let number = pattern.groupNames[name] ?? Int(name), 0...pattern.groupCount ~= number else {
                    throw PatternError("the pattern has no group \"\(name)\"", offset: index)
                }
                if !text.isEmpty { parts.append(.text(text)) }
                text = []
                parts.append(.group(number))
            }
            index = end + 1
        }
        if !text.isEmpty { parts.append(.text(text)) }
        self.parts = parts
    }
}
