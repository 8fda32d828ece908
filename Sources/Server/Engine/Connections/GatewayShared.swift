import Cryptography
package import Logging
import Pooling
package import SQLInspection
package import Session

/// What all reactors of a gateway share.
package final class GatewayShared: Sendable {
    /// Addresses, sizes and times.
    package let settings: HostSettings
    /// The plugins.
    package let chain: PluginChain
    /// What sessions share: users and limits.
    package let environment: SessionEnvironment
    /// How long statements may be and how much is remembered of them, per reactor.
    package let inspection: Inspector.Limits
    /// How many sessions each reactor has.
    package let placement: SessionPlacement
    /// Where the gateway's own events go.
    package let logger: Logger
    let cancels = CancelRegistry()
    let greetings = GreetingTerm()
    let pools: PoolLedger<ServerRequest>
    let passwords = SaltedPasswordCache()
    let slowHooks = SlowHooks()
    let resolver: Resolver
    let worker: Worker
    let randomBytes: @Sendable (Int) -> [UInt8]

    /// Starts the threads that resolve names and parse long statements.
    package init(
        settings: HostSettings,
        chain: PluginChain,
        environment: SessionEnvironment,
        inspection: Inspector.Limits,
        placement: SessionPlacement,
        logger: Logger,
        randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) throws(SystemError) {
        self.settings = settings
        pools = PoolLedger(reactors: placement.reactors)
        self.chain = chain
        self.environment = environment
        self.inspection = inspection
        self.placement = placement
        self.logger = logger
        self.randomBytes = randomBytes
        resolver = try Resolver()
        worker = try Worker(capacity: 64)
    }
}
