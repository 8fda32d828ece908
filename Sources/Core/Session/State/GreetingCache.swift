import Synchronization

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
        /// The parameters as messages.
        let messages: [UInt8]
    }

    /// Clients choose their startup settings, so keys are theirs to multiply.
    private static let capacity = 1024
    private var greetings: [Key: Greeting] = [:]
    private let term: GreetingTerm
    /// The term in which `greetings` were given.
    private var present: Int

    /// An empty cache.
    ///
    /// - Parameter term: the same for all that have to forget together.
    public init(term: GreetingTerm = GreetingTerm()) {
        self.term = term
        present = term.number
    }

    func greeting(for request: ServerRequest, _ settings: SessionSettings) -> Greeting? {
        forgetLastTerm()
        return greetings[Key(request: request, settings: settings.values)]
    }

    func insert(_ parameters: ServerParameters, for request: ServerRequest, _ settings: SessionSettings) {
        forgetLastTerm()
        if greetings.count >= Self.capacity { greetings.removeAll() }
        let greeting = Greeting(
            request: request,
            settings: settings,
            parameters: parameters,
            messages: parameters.messages
        )
        greetings[Key(request: request, settings: settings.values)] = greeting
    }

    /// A server reports this to a session with these settings: if others have been told otherwise, no greeting is to be
    /// trusted.
    func compare(_ parameters: ServerParameters, for request: ServerRequest, _ settings: SessionSettings) {
        let known = greeting(for: request, settings)
        guard let known, known.parameters.fingerprint != parameters.fingerprint else { return }
        end()
        insert(parameters, for: request, settings)
    }

    /// Servers may have changed, or be gone: whoever comes next is greeted by one of them.
    public func end() { term.end() }

    private func forgetLastTerm() {
        guard present != term.number else { return }
        present = term.number
        greetings.removeAll()
    }
}

/// How long greetings hold, over all reactors: until a server reports what nobody asked for, ends by itself, or lets nobody
/// in.
public final class GreetingTerm: Sendable {
    private let count = Atomic<Int>(0)

    /// The first term.
    public init() {}

    var number: Int { count.load(ordering: .acquiring) }

    func end() { count.add(1, ordering: .releasing) }
}
