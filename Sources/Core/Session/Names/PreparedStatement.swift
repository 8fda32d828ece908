import PostgresWire

import PluginAPI
import SQLInspection

/// A prepared statement that passed the chain: the verdict belongs to it, never to its name.
final class PreparedStatement {
    let verdict: Verdict
    /// Its place among the statements of the text that was ruled on: not 0 only for PREPARE among others in a Query.
    let index: Int
    /// The values of the text's constants, kept only when a decider will look at parameters.
    let constants: [String]
    /// The parameter types that Parse declared, kept on the same condition.
    let parameterTypes: [UInt32]

    init(verdict: Verdict, index: Int = 0, constants: [String], parameterTypes: [UInt32]) {
        self.verdict = verdict
        self.index = index
        self.constants = constants
        self.parameterTypes = parameterTypes
    }

    var copiesFromClient: Bool { verdict.copiesFromClient }

    /// Whether whatever may be bound to one may be bound to the other.
    func isJudgedLike(_ other: PreparedStatement) -> Bool {
        self === other
            || verdict === other.verdict && index == other.index && constants == other.constants
                && parameterTypes == other.parameterTypes
    }
}

/// A prepared statement's name as the server tells names apart: by their first 63 bytes (dynahash.c, NAMEDATALEN).
struct StatementName: Hashable {
    static let maximumLength = 63
    static let unnamed = StatementName(text: "")

    let text: String

    private init(text: String) { self.text = text }

    /// - Returns: nil for a long name that is not ASCII, since cutting it may split a character.
    init?(_ bytes: RawSpan, _ range: Range<Int>) {
        guard range.count > Self.maximumLength else {
            text = bytes.string(range)
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
    static func == (left: StatementName, right: StatementName) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }
}
