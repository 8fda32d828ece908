/// What servers reported to sessions that asked for the same: one that comes later is greeted without a server. And what
/// such sessions need not have one each of.
public final class GreetingCache {
    private struct Key: Hashable {
        let request: ServerRequest
        let settings: [String: String]
    }

    /// What equal sessions share.
    struct Greeting {
        let request: ServerRequest
        let settings: SessionSettings
        let parameters: ServerParameters
    }

    /// Clients choose their startup settings, so keys are theirs to multiply.
    private static let capacity = 1024
    private var greetings: [Key: Greeting] = [:]

    /// An empty cache.
    public init() {}

    func greeting(for request: ServerRequest, _ settings: SessionSettings) -> Greeting? {
        greetings[Key(request: request, settings: settings.values)]
    }

    func insert(_ parameters: ServerParameters, for request: ServerRequest, _ settings: SessionSettings) {
        if greetings.count >= Self.capacity { greetings.removeAll() }
        let greeting = Greeting(request: request, settings: settings, parameters: parameters)
        greetings[Key(request: request, settings: settings.values)] = greeting
    }
}
