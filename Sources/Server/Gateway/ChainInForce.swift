import Engine
import Logging
import PluginAPI
import Session

/// The chain that is in force, and what puts another in its place. Confined to the thread that hears the signals.
final class ChainInForce {
    private var chain: PluginChain
    /// Of those before it, what has to be told of the end: sessions may still be under them. Not the chains themselves,
    /// which would stay for as long as the process does.
    private var former: [any SessionObserver] = []
    private let loader: ChainLoader
    private let mailboxes: [Mailbox]
    private let logger: Logger

    /// - Parameter mailboxes: of the reactors that go by the chain.
    init(_ chain: PluginChain, loader: ChainLoader, mailboxes: [Mailbox], logger: Logger) {
        self.chain = chain
        self.loader = loader
        self.mailboxes = mailboxes
        self.logger = logger
    }

    /// Reads the plugin files anew. With a mistake in one of them everything stays as it is.
    func reload() {
        do {
            let chain = try loader.load()
            for mailbox in mailboxes {
                mailbox.post { reactor in (reactor.attachment as? SessionHost)?.adopt(chain) }
            }
            former += Self.observers(of: self.chain)
            self.chain = chain
            logger.notice("SIGHUP: \(chain.links.count) plugin files of \(loader.directory) are in force")
            warnIfUnrestricted()
        } catch {
            logger.error("SIGHUP: the plugin files stay as they were, for:\n\(error)")
        }
    }

    /// Warns now and then for as long as nothing in the chain refuses statements.
    func warnWhileUnrestricted(every interval: Duration, on reactor: Reactor) {
        reactor.schedule(after: interval) { [weak self, weak reactor] in
            guard let self, let reactor else { return }
            self.warnIfUnrestricted()
            self.warnWhileUnrestricted(every: interval, on: reactor)
        }
    }

    /// Warns if nothing in the chain refuses statements.
    func warnIfUnrestricted() {
        if !chain.enforces { logger.warning("\(ChainLoader.unrestricted)") }
    }

    /// All sessions have ended, and their reactors: observers finish what they have under way.
    func finish() {
        for observer in former + Self.observers(of: chain) { observer.finish() }
    }

    private static func observers(of chain: PluginChain) -> [any SessionObserver] {
        chain.links.compactMap { $0.plugin as? any SessionObserver }
    }
}
