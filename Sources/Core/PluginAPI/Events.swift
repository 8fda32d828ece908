public import SQLInspection

/// Who a session is, as far as policy may ask.
///
/// One reference, so that events can hold it without copying four texts.
public struct SessionIdentity: Sendable, Hashable {
    private final class Fields: Sendable {
        let user: String
        let database: String
        let applicationName: String
        let address: String

        init(user: String, database: String, applicationName: String, address: String) {
            self.user = user
            self.database = database
            self.applicationName = applicationName
            self.address = address
        }
    }

    private let fields: Fields

    /// The user that proved a password to the gateway.
    public var user: String { fields.user }
    /// The database that the client named.
    public var database: String { fields.database }
    /// What the client calls itself. It may narrow a policy, never widen it.
    public var applicationName: String { fields.applicationName }
    /// The client's numeric address, without port.
    public var address: String { fields.address }

    /// An identity as the startup message and the socket give it.
    public init(user: String, database: String, applicationName: String, address: String) {
        fields = Fields(user: user, database: database, applicationName: applicationName, address: address)
    }

    /// Whether all four are the same.
    public static func == (left: SessionIdentity, right: SessionIdentity) -> Bool {
        left.fields === right.fields
            || left.user == right.user && left.database == right.database
                && left.applicationName == right.applicationName && left.address == right.address
    }

    /// Takes in all four.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(user)
        hasher.combine(database)
        hasher.combine(applicationName)
        hasher.combine(address)
    }
}

/// A startup parameter: a setting of the session that is about to begin.
public struct StartupParameter: Sendable, Hashable {
    /// As the client spelled it; PostgreSQL takes names of settings in any case.
    public let name: String
    /// As the client gave it.
    public let value: String

    /// A setting and its value.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A StartupMessage from a client that has authenticated. `options` has been taken apart into settings.
public struct StartupEvent: ~Copyable {
    /// Who wants in.
    public let session: SessionIdentity
    /// The settings asked for, in the order in which PostgreSQL would apply them.
    public let parameters: [StartupParameter]

    /// An event for a client that has proved who it is.
    public init(session: SessionIdentity, parameters: [StartupParameter]) {
        self.session = session
        self.parameters = parameters
    }
}

/// Where the values of a statement's constants come from: its facts, or the literals of a text that shares its template.
public protocol ConstantSource {
    /// The value of `StatementFacts.constants[index]` in the text at hand.
    func value(ofConstant index: Int) -> String
}

/// Where a statement's text comes from.
public protocol TextSource {
    /// The statement alone, of a Query that may have several: without white space and semicolons around it.
    var text: String { get }
}

/// A statement to be judged.
public struct StatementEvent: ~Copyable {
    /// Whose statement it is.
    public let session: SessionIdentity
    /// What the statement does.
    public let facts: StatementFacts
    private let source: any ConstantSource & TextSource

    /// An event for a statement whose constants and text are to be had from `source`.
    public init(session: SessionIdentity, facts: StatementFacts, source: any ConstantSource & TextSource) {
        self.session = session
        self.facts = facts
        self.source = source
    }

    /// The statement as the client wrote it, or as an earlier plugin has left it. The verdict is then kept for this very
    /// text: whoever can judge by the facts leaves it alone.
    public var text: String { source.text }

    /// The value of a constant. The verdict is then kept for statements that agree in it: ask only for what decides.
    public func value(ofConstant index: Int) -> String {
        source.value(ofConstant: index)
    }
}

/// The types that a Parse declares for its parameters, by OID: the server reads values with their input functions.
public struct ParameterTypesEvent: ~Copyable {
    /// Whose Parse it is.
    public let session: SessionIdentity
    /// In the parameters' order; 0 leaves a type to the server.
    public let types: [UInt32]

    /// An event for these types.
    public init(session: SessionIdentity, types: [UInt32]) {
        self.session = session
        self.types = types
    }
}

/// The value of one parameter, as it arrived.
public enum ParameterValue: Sendable, Hashable {
    case null
    /// In text format, with the type's OID that Parse or PREPARE declared (0: left to the server). What a function gets
    /// is what that type made of the text.
    case text(String, type: UInt32 = 0)
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
