/// Words beside which passwords and tokens stand. What has one of them in it is not written in full.
enum Secrets {
    private static let words = ["password", "passwd", "token", "secret", "api_key", "apikey", "credential"]

    /// Whether `text` has one of the words in it, whatever the case of its letters.
    static func areLikely(in text: String) -> Bool {
        let lower = text.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        return words.contains { contains(lower, Array($0.utf8)) }
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        guard text.count >= word.count else { return false }
        return (0...(text.count - word.count)).contains { start in
            text[start] == word[0] && text[start..<(start + word.count)].elementsEqual(word)
        }
    }
}
