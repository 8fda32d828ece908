import PluginAPI
import Session
import Synchronization

/// The chains that sessions of the process may still be under: the newest, and those before it.
final class ChainsInForce: Sendable {
    private let chains: Mutex<[PluginChain]>

    init(_ chain: PluginChain) { chains = Mutex([chain]) }

    func append(_ chain: PluginChain) { chains.withLock { $0.append(chain) } }

    /// All sessions have ended, and their reactors: observers finish what they have under way.
    func finish() {
        for chain in chains.withLock({ $0 }) {
            for link in chain.links { (link.plugin as? any SessionObserver)?.finish() }
        }
    }
}
