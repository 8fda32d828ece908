/// What servers reported to sessions that asked for the same: one that comes later is greeted without a server.
public final class GreetingCache {
    private struct Key: Hashable {
        let request: ServerRequest
        let settings: [String: String]
    }

    /// Clients choose their startup settings, so keys are theirs to multiply.
    private static let capacity = 1024
    private var greetings: [Key: ServerParameters] = [:]

    /// An empty cache.
    public init() {}

    func greeting(for request: ServerRequest, _ settings: SessionSettings) -> ServerParameters? {
        greetings[Key(request: request, settings: settings.values)]
    }

    func insert(_ parameters: ServerParameters, for request: ServerRequest, _ settings: SessionSettings) {
        if greetings.count >= Self.capacity { greetings.removeAll() }
        greetings[Key(request: request, settings: settings.values)] = parameters
    }
}
