/// A five-character SQLSTATE (PostgreSQL documentation, appendix A).
public struct SQLState: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    /// The five characters.
    public let rawValue: String

    /// Takes the characters as they are.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The five characters.
    public var description: String { rawValue }

    /// connection_failure: the upstream cannot be reached or used.
    public static let connectionFailure = SQLState(rawValue: "08006")
    /// protocol_violation
    public static let protocolViolation = SQLState(rawValue: "08P01")
    /// feature_not_supported
    public static let featureNotSupported = SQLState(rawValue: "0A000")
    /// character_not_in_repertoire: text that is not valid in its encoding.
    public static let characterNotInRepertoire = SQLState(rawValue: "22021")
    /// The session idled for too long in an open transaction.
    public static let idleInTransactionSessionTimeout = SQLState(rawValue: "25P03")
    /// invalid_sql_statement_name: no such prepared statement.
    public static let undefinedPreparedStatement = SQLState(rawValue: "26000")
    /// invalid_authorization_specification
    public static let invalidAuthorization = SQLState(rawValue: "28000")
    /// invalid_password
    public static let invalidPassword = SQLState(rawValue: "28P01")
    /// invalid_cursor_name: no such portal.
    public static let invalidCursorName = SQLState(rawValue: "34000")
    /// duplicate_prepared_statement
    public static let duplicatePreparedStatement = SQLState(rawValue: "42P05")
    /// insufficient_privilege: what a denial is unless a limit was hit.
    public static let insufficientPrivilege = SQLState(rawValue: "42501")
    /// syntax_error
    public static let syntaxError = SQLState(rawValue: "42601")
    /// too_many_connections
    public static let tooManyConnections = SQLState(rawValue: "53300")
    /// disk_full
    public static let diskFull = SQLState(rawValue: "53100")
    /// configuration_limit_exceeded: a limit of the gateway's own.
    public static let configurationLimitExceeded = SQLState(rawValue: "53400")
    /// statement_too_complex
    public static let statementTooComplex = SQLState(rawValue: "54001")
    /// object_not_in_prerequisite_state
    public static let objectNotInPrerequisiteState = SQLState(rawValue: "55000")
    /// query_canceled
    public static let queryCanceled = SQLState(rawValue: "57014")
    /// admin_shutdown
    public static let adminShutdown = SQLState(rawValue: "57P01")
    /// internal_error
    public static let internalError = SQLState(rawValue: "XX000")
}
