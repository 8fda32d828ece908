/// A setting and what is done with it.
public struct SettingUse: Sendable, Hashable {
    /// What is done with a setting; values as the text gives them, not as PostgreSQL would normalise them.
    public enum Action: Sendable, Hashable {
        case set(values: [String])
        case setLocal(values: [String])
        /// SET … TO DEFAULT and RESET.
        case reset
        case resetAll
        case show
        case showAll
    }

    /// Lower case; empty for RESET ALL and SHOW ALL.
    public let name: String
    /// What is done with it.
    public let action: Action

    /// One use of one setting.
    public init(name: String, action: Action) {
        self.name = name
        self.action = action
    }
}
