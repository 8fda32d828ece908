import PluginAPI
import PostgresWire
import SQLInspection

/// A prepared statement that passed the chain: the verdict belongs to it, never to its name.
final class PreparedStatement {
    private(set) var verdict: Verdict
    /// Its place among the statements of the text that was ruled on: not 0 only for PREPARE among others in a Query.
    let index: Int
    /// The values of the text's constants, kept only when a decider will look at parameters.
    private(set) var constants: [String]
    /// The parameter types that Parse declared, kept on the same condition.
    let parameterTypes: [UInt32]
    /// What it takes to prepare it on another server connection: nil where it stays on one, and for what SQL prepared.
    var source: StatementSource?
    /// The text as the client sent it, where an observer wants it.
    var text: StatementText?
    /// The same for statements with names: another chain may be loaded while they live.
    var judgedText: [UInt8]?
    /// What Describe told its client of the result, as a hash: the client reads rows by it.
    var shape: Int?

    init(verdict: Verdict, index: Int = 0, constants: [String], parameterTypes: [UInt32]) {
        self.verdict = verdict
        self.index = index
        self.constants = constants
        self.parameterTypes = parameterTypes
    }

    /// Another chain has judged it.
    func judged(anew verdict: Verdict, constants: [String]) {
        self.verdict = verdict
        self.constants = constants
    }

    /// The same statement, for one client, that can be prepared on any server connection.
    func movable(by source: StatementSource) -> PreparedStatement {
        let statement = PreparedStatement(
            verdict: verdict,
            index: index,
            constants: constants,
            parameterTypes: parameterTypes
        )
        statement.source = source
        statement.text = text
        return statement
    }

    /// What gates are told of when it is bound; nil for an unknown place.
    var judged: [JudgedStatement]? {
        let all = verdict.judged
        // Mostly the text's only one: then no array is made of it.
        if index == 0, all.count == 1 { return all }
        return all.indices.contains(index) ? [all[index]] : nil
    }

    var copiesFromClient: Bool { verdict.copiesFromClient }

    /// Whether the other one has the same verdict on the same values.
    func isSame(as other: PreparedStatement) -> Bool {
        verdict === other.verdict && index == other.index && parameterTypes == other.parameterTypes
            && constants.elementsEqual(other.constants) { $0.utf8.elementsEqual($1.utf8) }
    }
}

/// A prepared statement's name as the server tells names apart: by their first 63 bytes (dynahash.c, NAMEDATALEN).
struct StatementName: Hashable, Sendable {
    static let maximumLength = 63
    static let unnamed = StatementName(text: "")

    let text: String

    private init(text: String) { self.text = text }

    /// - Returns: nil for a long name that is not ASCII, since cutting it may split a character.
    init?(_ bytes: RawSpan, _ range: Range<Int>) {
        guard range.count > Self.maximumLength else {
            text = range.isEmpty ? "" : bytes.string(range)
            return
        }
        let cut = range.lowerBound..<range.lowerBound + Self.maximumLength
        guard cut.allSatisfy({ bytes.byte(at: $0) < 0x80 }) else { return nil }
        text = bytes.string(cut)
    }

    /// A name from SQL, which the lexer has already cut.
    init(sql name: String) { text = name }

    var isUnnamed: Bool { text.isEmpty }

    /// By bytes, as the server does; Swift takes canonically equivalent strings for the same.
    static func == (left: StatementName, right: StatementName) -> Bool { left.text.hasSameBytes(as: right.text) }
}
