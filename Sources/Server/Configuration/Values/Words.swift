/// The little grammar that error messages need.
enum Words {
    /// `a, b and c`
    static func list(_ words: [String]) -> String {
        joined(words, by: "and")
    }

    /// `a, b or c`
    static func alternatives(_ words: [String]) -> String {
        joined(words, by: "or")
    }

    /// The word that was probably meant: at most a third of it mistyped.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let distances = candidates.map { ($0, distance(word, $0)) }
        guard let (nearest, distance) = distances.min(by: { $0.1 < $1.1 }) else { return nil }
        return distance <= max(1, nearest.utf8.count / 3) ? nearest : nil
    }

    private static func joined(_ words: [String], by conjunction: String) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }

    /// Levenshtein's distance, with two neighbours swapped counted as one mistake.
    private static func distance(_ one: String, _ other: String) -> Int {
        let one = Array(one.utf8), other = Array(other.utf8)
        var rows = [Array(0...other.count)]
        for i in 0..<one.count {
            var row = [i + 1]
            for j in 0..<other.count {
                let substitution = rows[i][j] + (one[i] == other[j] ? 0 : 1)
                var best = min(substitution, rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
