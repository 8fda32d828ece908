/// A value that a rule can judge.
enum KnownValue: Equatable {
    /// How the server will read a text.
    enum Reading: Equatable {
        /// As text or varchar.
        case text
        /// As json or jsonb.
        case json
        /// As a number, a truth value or an object's name: made into text again it may be another one.
        case converted
        /// As whatever the parameter's type turns out to be.
        case unknown
    }

    case null
    case boolean
    case text(String, as: Reading)
    case array([KnownValue])
}
