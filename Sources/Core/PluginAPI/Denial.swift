public import PostgresWire

/// Why a plugin refuses something, in the words its user and its operator will read.
public struct Denial: Sendable, Hashable {
    /// What ErrorResponse says in field C; 42501 unless a limit was hit.
    public let sqlState: SQLState
    /// What was refused: becomes MESSAGE. Never holds parameter values or passwords.
    public let message: String
    /// The rule that refused it, by the key of the plugin's file: becomes DETAIL together with the file.
    public let rule: String
    /// What an operator would change to admit it: becomes HINT.
    public let hint: String
    /// Byte offset in the statement's text, nil where there is none.
    public let offset: Int?

    /// A denial in the words of its plugin; the chain adds the file.
    public init(
        _ message: String,
        rule: String,
        hint: String,
        offset: Int? = nil,
        sqlState: SQLState = .insufficientPrivilege
    ) {
        self.message = message
        self.rule = rule
        self.hint = hint
        self.offset = offset
        self.sqlState = sqlState
    }

    /// A denial of what would be admitted at another time, or in smaller parts: 53400. `hint` says so.
    public static func ofLimit(_ message: String, rule: String, hint: String) -> Denial {
        Denial(message, rule: rule, hint: hint, sqlState: .configurationLimitExceeded)
    }
}

/// Answers to a StartupMessage.
public enum StartupVerdict: Sendable {
    case forward
    /// Forward with these parameters (`user`, `database` and `replication` are not among them) in place of the client's.
    case rewrite([StartupParameter])
    case deny(Denial)
}

/// Answers to a statement.
public enum StatementVerdict: Sendable {
    case forward
    /// Forward, and judge the values of these parameters (`$n`, from 1) at each Bind or EXECUTE.
    case forwardInspecting(parameters: Set<Int>)
    /// Put this text in the statement's place. It is parsed again and judged by this plugin and those after it; what a
    /// `StatementRewriter` made, by those after it.
    case rewrite(String)
    /// The same, with what of the text is still the client's own: places in errors are told by that.
    case edit(EditedText)
    case deny(Denial)
}

/// Answers to the types that a Parse declares, to a Bind or to an EXECUTE.
public enum BindVerdict: Sendable {
    case forward
    case deny(Denial)
}
