import FoundationEssentials
import PluginAPI
import Testing

@testable import Allowlist

@Suite("PostgresML's documented statements")
struct DocumentedStatementTests {
    @Test("Each is admitted by the profile, or refused for the reason, that the table says")
    func table() throws {
        let profile = try Gate("", profiles: #"profiles = ["inference"]"#, statements: "[]")
        let owned = try Gate(
            Self.relations,
            profiles: #"profiles = ["inference"]"#,
            statements: #"["INSERT", "UPDATE"]"#
        )
        let rows = try DocumentedStatement.read()
        #expect(rows.count == 136)
        for row in rows {
            let found: String
            if profile.denial(row.sql) == nil {
                found = "inference"
            } else if let denial = owned.denial(row.sql) {
                found = "refused: \(denial.message)"
            } else {
                found = "inference, with [[relations]] of one's own"
            }
            #expect(row.verdict == found, "\(row.id)")
        }
    }

    /// The tables of the documentation's examples, and pgvector in public.
    private static let relations = #"""
        schemas = ["public"]
        columns = ["*"]
        types = ["public.vector"]
        operators = ["public.<=>"]

        [[relations]]
        name = "public.*"
        access = ["select", "insert", "update"]

        [[relations]]
        name = "pgml.*"
        access = ["select"]
        """#
}

/// A line of `Tests/Corpora/doc_statements.tsv`.
struct DocumentedStatement {
    let id: String
    let verdict: String
    let sql: String

    static func read() throws -> [DocumentedStatement] {
        let data = try Data(contentsOf: URL(filePath: Repository.path + "/Tests/Corpora/doc_statements.tsv"))
        return String(decoding: data, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            let sql = fields[3].replacing("\\n", with: "\n").replacing("\\t", with: "\t").replacing("\\s", with: "\\")
            return DocumentedStatement(id: String(fields[0]), verdict: String(fields[1]), sql: String(sql))
        }
    }
}
