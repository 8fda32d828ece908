public import PluginAPI

/// The plugin `rate-limit`: lets so much pass in a time, or so many statements run at a time, and refuses the rest or
/// makes it wait.
public struct RateLimit: AdmissionDecider {
    /// `kind = "rate-limit"`.
    public static let kind = "rate-limit"

    /// In the order of the file.
    private let limits: [Limit]
    private let room: WaitingRoom

    /// Makes the limits. A reload is no way to start afresh: what was taken from a limit that stays is still taken.
    ///
    /// - Throws: `PluginConfigurationError` for what makes no sense.
    public init(configuration: RateLimitConfiguration, context: PluginContext) throws {
        let predecessor = context.predecessor as? RateLimit
        limits = try LimitReader.limits(from: configuration, after: predecessor?.limits ?? [])
        // Who gives a place back must see all that wait for it.
        room = predecessor?.room ?? WaitingRoom()
    }

    /// The gate of the sessions of one identity on one reactor; its buckets are everybody's.
    public func gate(for session: SessionIdentity) -> any AdmissionGate {
        let applicable = limits.filter { $0.scope.contains(session) }
        return applicable.isEmpty ? OpenGate() : Gate(applicable, session, room: room)
    }
}

/// Where no limit applies.
private final class OpenGate: AdmissionGate {
    func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict { .forward }

    func release(sessionNumber: Int) {}
}
