import Configuration
import Engine
import Session
import TestSupport
import Testing

@testable import Gateway

/// What the log says of the chain that is in force.
@Suite struct ChainInForceTests {
    @Test func `While nothing refuses statements the log says so again and again`() throws {
        let log = KeptLog()
        let reactor = try Reactor(index: 0)
        let inForce = ChainInForce(
            PluginChain([]),
            loader: ChainLoader(directory: "nowhere", config: "gateway.toml", isUnrestricted: true),
            mailboxes: [],
            logger: log.logger
        )
        inForce.warnWhileUnrestricted(every: .milliseconds(5), on: reactor)
        #expect(log.lines == [], "the start has said it")
        reactor.schedule(after: .seconds(10)) { reactor.stop() }
        func watch() {
            if log.lines.count >= 3 { reactor.stop() } else { reactor.schedule(after: .milliseconds(1), watch) }
        }
        watch()
        reactor.run()
        #expect(log.lines.count >= 3)
        #expect(Set(log.lines) == ["warning \(ChainLoader.unrestricted)"])
    }

    @Test func `Files that cannot be read leave the chain in force`() throws {
        let log = KeptLog()
        let inForce = ChainInForce(
            PluginChain([]),
            loader: ChainLoader(directory: "nowhere", config: "gateway.toml", isUnrestricted: true),
            mailboxes: [],
            logger: log.logger
        )
        inForce.reload()
        #expect(log.lines.count == 1)
        #expect(log.lines[0].hasPrefix("error SIGHUP: the plugin files stay as they were, for:\nnowhere: "))
    }
}
