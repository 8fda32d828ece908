import PluginAPI
import PostgresWire
import SQLInspection

/// What the chain made of a text that may pass: kept with the text's facts and used again.
final class Verdict {
    let context: PolicyContext
    let statements: [StatementFacts]
    /// The text to send in the client's place; nil to forward the client's own bytes.
    let replacement: [UInt8]?
    /// The parameters whose values some decider wants to see at each Bind.
    let inspectedParameters: Set<Int>
    /// The literals that a verdict on a template rests on; nil when it holds for every text the facts stand for.
    let dependencies: LiteralKey?
    /// Whether the facts stand for every text of a template, so that their constants' values are not this text's.
    let isOnTemplate: Bool
    /// Whether another text of the same template may be given this verdict.
    let isReusable: Bool
    /// Whether one of the statements is COPY … FROM STDIN.
    let copiesFromClient: Bool
    /// A prepared statement that needs nothing but this verdict, shared by all that Parse the text.
    private(set) lazy var sharedStatement = PreparedStatement(verdict: self, constants: [], parameterTypes: [])

    init(
        context: PolicyContext,
        statements: [StatementFacts],
        replacement: [UInt8]? = nil,
        inspectedParameters: Set<Int> = [],
        dependencies: LiteralKey? = nil,
        isOnTemplate: Bool = false,
        isReusable: Bool = true
    ) {
        self.context = context
        self.statements = statements
        self.replacement = replacement
        self.inspectedParameters = inspectedParameters
        self.dependencies = dependencies
        self.isOnTemplate = isOnTemplate
        self.isReusable = isReusable
        copiesFromClient = statements.contains { $0.copy == .fromClient }
    }

    /// Whether a statement of the text touches names of prepared statements.
    var touchesNames: Bool {
        statements.contains { $0.preparedStatement != nil || $0.discard == .all }
    }
}

/// The verdicts on one cached text, a handful at most: the eldest makes room.
final class VerdictCache {
    static let capacity = 8
    private(set) var verdicts: [Verdict] = []
    private var next = 0

    func insert(_ verdict: Verdict) {
        guard verdict.isReusable else { return }
        if verdicts.count < Self.capacity {
            verdicts.append(verdict)
        } else {
            verdicts[next] = verdict
            next = (next + 1) % Self.capacity
        }
    }
}
