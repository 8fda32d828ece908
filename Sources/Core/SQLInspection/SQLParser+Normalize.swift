import CPgQuery

extension SQLParser {
    /// The text with `$n` in the place of every constant and without its comments; nil for a text that does not parse.
    ///
    /// Takes the stack that parsing takes: not for texts beyond a reactor's parse limit.
    public static func normalized(_ text: RawSpan) -> Swift.String? {
        unsafe withTerminated(text) { terminated in
            let result = unsafe pg_query_normalize(terminated)
            defer { unsafe pg_query_free_normalize_result(result) }
            guard unsafe result.error == nil, let normalized = unsafe result.normalized_query else { return nil }
            return unsafe withoutLiterals(normalized)
        }
    }

    /// libpg_query finds the constants of queries by their nodes, and few of those that utility statements have
    /// (EXECUTE p('…'), PREPARE, NOTIFY, ALTER ROLE … PASSWORD E'…'). Whatever the lexer takes for a literal is one.
    private static func withoutLiterals(_ text: UnsafePointer<CChar>) -> Swift.String? {
        let result = unsafe pg_query_scan(text)
        defer { unsafe pg_query_free_scan_result(result) }
        guard unsafe result.error == nil else { return nil }
        let answer = unsafe UnsafeRawBufferPointer(start: result.pbuf.data, count: result.pbuf.len)
        var tokens = ScannedTokens(unsafe Array(answer))
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
        return tokens.redact(bytes)
    }
}

/// What libpg_query's lexer answers: a protobuf message.
private struct ScannedTokens {
    private struct Token {
        /// PostgreSQL 15's number of it.
        var kind = 0
        var start = 0
        var end = 0

        var isComment: Bool { kind == 275 || kind == 276 }
        var isParameter: Bool { kind == 267 }
        var isUnicodeString: Bool { kind == 262 }
        /// FCONST, SCONST, USCONST, BCONST, XCONST, ICONST.
        var isLiteral: Bool { (260...264).contains(kind) || kind == 266 }
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// `text`, of which these are the tokens, with parameters in the place of literals, and without its comments.
    mutating func redact(_ text: [UInt8]) -> Swift.String? {
        let tokens = tokens(of: text)
        var last = 0
        for token in tokens where token.isParameter {
            last = max(last, Int(Swift.String(decoding: text[token.start + 1..<token.end], as: UTF8.self)) ?? 0)
        }
        var redacted: [UInt8] = []
        var copied = 0
        for token in tokens where token.isLiteral || token.isComment {
            guard copied <= token.start, token.start < token.end, token.end <= text.count else { return nil }
            redacted += text[copied..<token.start]
            copied = token.end
            if token.isLiteral {
                last += 1
                redacted += "$\(last)".utf8
            } else {
                if redacted.last?.isSpace == false { redacted.append(.space) }
                while copied < text.count, text[copied].isSpace { copied += 1 }
            }
        }
        redacted += text[copied...]
        while redacted.last?.isSpace == true { redacted.removeLast() }
        return Swift.String(validating: redacted, as: UTF8.self)
    }

    private mutating func tokens(of text: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        while position < bytes.count {
            let key = number()
            guard key == 0x12 else {
                // The version.
                _ = number()
                continue
            }
            let end = number() + position
            var token = Token()
            while position < min(end, bytes.count) {
                let (field, value) = (number() >> 3, number())
                switch field {
                case 1: token.start = value
                case 2: token.end = value
                case 4: token.kind = value
                default: break
                }
            }
            tokens.append(token)
        }
        // Of U&'…' the lexer tells no end: it goes to the next token.
        for index in tokens.indices where tokens[index].isUnicodeString {
            var end = index + 1 < tokens.count ? tokens[index + 1].start : text.count
            while end > tokens[index].start, text[end - 1].isSpace { end -= 1 }
            tokens[index].end = end
        }
        return tokens
    }

    private mutating func number() -> Int {
        var value = 0
        var shift = 0
        while position < bytes.count, shift < 63 {
            let byte = bytes[position]
            position += 1
            value |= Int(byte & 0x7F) << shift
            guard byte >= 0x80 else { break }
            shift += 7
        }
        return value
    }
}

extension UInt8 {
    /// To PostgreSQL's lexer.
    fileprivate var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
