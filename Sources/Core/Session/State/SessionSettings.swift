/// The settings in which a session differs from how its server connections begin: immutable, so that two sessions with
/// the same ones share them and are told to be equal by identity.
final class SessionSettings: Sendable {
    static let none = SessionSettings([:])

    /// Names in lower case, values as `current_setting` tells them.
    let values: [String: String]

    init(_ values: [String: String]) { self.values = values }
}
