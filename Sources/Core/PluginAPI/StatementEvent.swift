public import SQLInspection

/// Where the values of a statement's constants come from: its facts, or the literals of a text that shares its template.
public protocol ConstantSource {
    /// The value of `StatementFacts.constants[index]` in the text at hand.
    func value(ofConstant index: Int) -> String
}

/// A statement to be judged.
public struct StatementEvent: ~Copyable {
    /// Whose statement it is.
    public let session: SessionIdentity
    /// What the statement does.
    public let facts: StatementFacts
    private let constants: any ConstantSource

    /// An event for a statement whose constants are to be had from `constants`.
    public init(session: SessionIdentity, facts: StatementFacts, constants: any ConstantSource) {
        self.session = session
        self.facts = facts
        self.constants = constants
    }

    /// The value of a constant. The verdict is then kept for statements that agree in it: ask only for what decides.
    public func value(ofConstant index: Int) -> String {
        constants.value(ofConstant: index)
    }
}
