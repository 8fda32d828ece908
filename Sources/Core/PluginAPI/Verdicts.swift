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
    /// Put this text in the statement's place. It is parsed again and judged by this plugin and those after it.
    case rewrite(String)
    case deny(Denial)
}

/// Answers to a Bind or an EXECUTE.
public enum BindVerdict: Sendable {
    case forward
    case deny(Denial)
}
