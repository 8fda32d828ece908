import PluginAPI
import SQLInspection

extension JudgedStatement {
    /// Longer texts are not normalized: parsing takes stack in proportion.
    private static let longestText = 16 * 1024

    /// The statement that `text` is.
    convenience init(facts: StatementFacts, text: RawSpan, reports: [Report]) {
        let normalized = text.byteCount <= Self.longestText ? SQLParser.normalized(text) ?? "" : ""
        self.init(
            facts: facts,
            normalizedText: normalized,
            fingerprint: Self.fingerprint(of: normalized),
            reports: reports
        )
    }

    /// FNV-1a, 64 bits: a name, not a defence.
    private static func fingerprint(of text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}
