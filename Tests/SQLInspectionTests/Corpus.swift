import Foundation
import Testing

/// The statements in Tests/Corpora/statements.sql.
struct CorpusStatement: CustomTestStringConvertible, Sendable {
    let name: String
    let sql: String
    var testDescription: String { name }

    static let all: [CorpusStatement] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Corpora/statements.sql")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return text.components(separatedBy: "-- name: ").dropFirst().map { block in
            let lines = block.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            return CorpusStatement(name: String(lines[0]), sql: String(lines[1].dropLast()))
        }
    }()

    /// The text of the statement with this name.
    static func named(_ name: String) -> String {
        all.first { $0.name == name }?.sql ?? ""
    }
}
