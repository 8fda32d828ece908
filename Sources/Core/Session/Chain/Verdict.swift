import PluginAPI
import PostgresWire
import SQLInspection

/// What the chain made of a text that may pass: kept with the text's facts and used again.
final class Verdict {
    let context: PolicyContext
    let statements: [StatementFacts]
    /// The same as gates and observers are told of them; empty where there are none.
    let judged: [JudgedStatement]
    /// The text to send in the client's place; nil to forward the client's own bytes.
    let replacement: [UInt8]?
    /// Where in the client's text the places of the replacement are; nil without one.
    let places: TextPlaces?
    /// The parameters whose values some decider wants to see at each Bind.
    let inspectedParameters: Set<Int>
    /// Whether a gate wants to see what the statements are called with. Asked once, for the statements stay the same.
    let gatesWantValues: Bool
    /// What the statements may leave in their session; nil for nothing.
    let effects: StatementEffects?
    /// Whether a statement may draw from a sequence, by a default of a table's or by a function.
    let mayDraw: Bool
    /// Whether a statement touches names of prepared statements, or takes back what sequences gave.
    let touchesNames: Bool
    /// The literals that a verdict on a template rests on; nil when it holds for every text the facts stand for.
    let dependencies: LiteralKey?
    /// Whether the text was judged by the facts of its template, not by its own.
    private let isOfTemplate: Bool
    /// Whether the verdict rests on all of its text's literals.
    private let isBoundToText: Bool
    /// Whether one of the statements is COPY … FROM STDIN.
    let copiesFromClient: Bool
    /// Whether one of the statements declares, reads or closes a cursor.
    let usesCursors: Bool
    /// Whether of a Query with this verdict only a `PlainRun` has to be noted, unless gates have kept something with it.
    let runsPlainly: Bool
    /// Whether nothing has to be arranged, noted or judged when a statement with this verdict is bound, as with most.
    let isPlain: Bool
    private var shared: PreparedStatement?
    /// Whether a cache keeps the verdict, and with it what is shared.
    private var isKept = false

    init(
        context: PolicyContext,
        statements: [StatementFacts],
        judged: [JudgedStatement] = [],
        replacement: [UInt8]?,
        places: TextPlaces? = nil,
        inspectedParameters: Set<Int>,
        effects: StatementEffects,
        dependencies: LiteralKey?,
        isOfTemplate: Bool,
        isBoundToText: Bool = false
    ) {
        self.context = context
        self.statements = statements
        self.judged = judged
        gatesWantValues = context.hasGates && context.gatesWantValues(of: judged)
        self.replacement = replacement
        self.places = places
        self.inspectedParameters = inspectedParameters
        self.effects = effects == .none ? nil : effects
        mayDraw =
            effects.callsUnknownFunctions || effects.pins.contains(.sequences) || statements.contains { $0.writes }
        touchesNames = statements.contains {
            $0.preparedStatement != nil || $0.discard == .all || $0.discard == .sequences
        }
        self.dependencies = dependencies
        self.isOfTemplate = isOfTemplate
        self.isBoundToText = isBoundToText
        usesCursors = statements.contains { $0.cursor != nil }
        runsPlainly = judged.count == 1 && !usesCursors && !context.wantsTexts
        copiesFromClient = statements.contains { $0.copy == .fromClient }
        isPlain =
            self.effects == nil && !mayDraw && !touchesNames && !copiesFromClient && inspectedParameters.isEmpty
    }

    /// A prepared statement that needs nothing but this verdict, shared by all that Parse the text while a cache keeps it.
    var sharedStatement: PreparedStatement {
        if let shared { return shared }
        let made = PreparedStatement(verdict: self, constants: [], parameterTypes: [])
        if isKept { shared = made }
        return made
    }

    /// A cache keeps it from here on.
    func keep() { isKept = true }

    /// The cache has let go of it: the two that hold each other do so no longer.
    func letGo() {
        isKept = false
        shared = nil
    }

    /// Whether somebody wants to see what the statements are called with, when they are bound.
    var readsValues: Bool { gatesWantValues || !inspectedParameters.isEmpty }

    /// Whether gates that are open need not be asked. One that EXECUTE runs may be of interest though EXECUTE itself is not.
    var mayPassGatesUnseen: Bool { !gatesWantValues && !touchesNames }

    /// Whether names of prepared statements have to be in order when it runs.
    var usesNames: Bool { touchesNames || effects?.readsPreparedStatements == true }

    /// Where nothing judges: what stands for a text that cannot be read.
    static func unreadable(in context: PolicyContext) -> Verdict {
        Verdict(
            context: context,
            statements: [],
            judged: [
                JudgedStatement(facts: StatementFacts(kinds: [.unknown]), normalizedText: "", fingerprint: 0)
            ],
            replacement: nil,
            inspectedParameters: [],
            effects: .anything,
            dependencies: nil,
            isOfTemplate: false
        )
    }

    /// Whether the facts stand for every text of a template, so that their constants' values are not this text's.
    var isOnTemplate: Bool { isOfTemplate && replacement == nil }

    /// Whether the verdict can be kept under its template: a replacement holds one text's literals.
    var isReusable: Bool { !isOfTemplate || replacement == nil || isBoundToText }
}
