/// What all sessions of a gateway share. Made at start, never changed.
public final class SessionEnvironment: Sendable {
    /// What one session may take.
    public let limits: SessionLimits
    package let users: UserDirectory
    /// Where nonces come from.
    let randomBytes: @Sendable (Int) -> [UInt8]

    package init(
        limits: SessionLimits,
        users: UserDirectory,
        randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.limits = limits
        self.users = users
        self.randomBytes = randomBytes
    }
}
