/// What a text may be: an exact value, or one with `*` for any run of characters.
struct Pattern: Hashable {
    private let pieces: [[UInt8]]
    private let ignoresCase: Bool
    /// Whether the pattern is for names on a model hub: `*` stops at a slash, and no path is ever admitted by a `*`.
    private let isModel: Bool

    init(_ text: String, ignoresCase: Bool = false, isModel: Bool = false) {
        self.ignoresCase = ignoresCase
        self.isModel = isModel
        pieces = Self.bytes(of: text, ignoresCase: ignoresCase)
            .split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
            .map(Array.init)
    }

    func matches(_ text: String) -> Bool {
        let text = Self.bytes(of: text, ignoresCase: ignoresCase)
        if pieces.count == 1 { return text == pieces[0] }
        if isModel && Self.looksLikePath(text) { return false }
        return matches(text[...], pieces[...], isFirst: true)
    }

    private func matches(_ text: ArraySlice<UInt8>, _ pieces: ArraySlice<[UInt8]>, isFirst: Bool) -> Bool {
        guard let piece = pieces.first else { return text.isEmpty }
        if isFirst {
            return text.starts(with: piece)
                && matches(text.dropFirst(piece.count), pieces.dropFirst(), isFirst: false)
        }
        let reach = isModel ? text.firstIndex(of: UInt8(ascii: "/")) ?? text.endIndex : text.endIndex
        if pieces.count == 1 {
            let start = text.endIndex - piece.count
            return start >= text.startIndex && start <= reach && text[start...].elementsEqual(piece)
        }
        // The leftmost place is enough where `*` may cross anything; a model's `*` may have to try the next.
        var start = text.startIndex
        while start <= reach, start + piece.count <= text.endIndex {
            if text[start...].starts(with: piece) {
                if matches(text[(start + piece.count)...], pieces.dropFirst(), isFirst: false) { return true }
                if !isModel { return false }
            }
            start += 1
        }
        return false
    }

    /// Whether the text could name a file: SentenceTransformers and transformers look for one before they ask the hub.
    private static func looksLikePath(_ text: [UInt8]) -> Bool {
        guard let first = text.first else { return true }
        if [UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: "-")].contains(first) { return true }
        let isName: (UInt8) -> Bool = { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "-_./".utf8.contains(byte)
        }
        let dot = UInt8(ascii: ".")
        return !text.allSatisfy(isName) || text.count { $0 == UInt8(ascii: "/") } > 1
            || text.last == UInt8(ascii: "/") || zip(text, text.dropFirst()).contains { $0 == dot && $1 == dot }
    }

    private static func bytes(of text: String, ignoresCase: Bool) -> [UInt8] {
        guard ignoresCase else { return Array(text.utf8) }
        return text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
