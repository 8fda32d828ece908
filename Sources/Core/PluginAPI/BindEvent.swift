public import SQLInspection

/// The value of one parameter, as it arrived.
public enum ParameterValue: Sendable, Hashable {
    case null
    /// In text format.
    case text(String)
    /// In binary format, with the type's OID that Parse declared (0: left to the server).
    case binary([UInt8], type: UInt32)
    /// Not a constant: an expression among EXECUTE's arguments.
    case unknown
}

/// Where a Bind's values come from, decoded only when asked for.
public protocol ParameterSource {
    /// How many parameters were given.
    var count: Int { get }
    /// The value of `$number`, counted from 1; `unknown` when there is none.
    func value(ofParameter number: Int) -> ParameterValue
}

/// The parameters of a Bind or an EXECUTE to be judged.
public struct BindEvent: ~Copyable {
    /// Whose parameters they are.
    public let session: SessionIdentity
    /// The facts of the statement that the parameters are for.
    public let facts: StatementFacts
    private let constants: any ConstantSource
    private let parameters: any ParameterSource

    /// An event for parameters that are to be had from `parameters`.
    public init(
        session: SessionIdentity,
        facts: StatementFacts,
        constants: any ConstantSource,
        parameters: any ParameterSource
    ) {
        self.session = session
        self.facts = facts
        self.constants = constants
        self.parameters = parameters
    }

    /// The value of a constant of the statement.
    public func value(ofConstant index: Int) -> String {
        constants.value(ofConstant: index)
    }

    /// How many parameters were given.
    public var parameterCount: Int { parameters.count }

    /// The value of `$number`, counted from 1.
    public func value(ofParameter number: Int) -> ParameterValue {
        parameters.value(ofParameter: number)
    }
}
