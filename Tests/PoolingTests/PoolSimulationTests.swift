import Pooling
import Testing

@Suite("A pool under random events")
struct PoolSimulationTests {
    @Test(
        "loses no connection, gives none twice, and has nobody wait for one that is idle",
        arguments: [1, 2, 3, 5]
    )
    func random(reactors: Int) throws {
        var (served, handovers) = (0, 0)
        for seed in 0..<60 {
            var limits = PoolLimits(size: 1 + seed % 4)
            limits.reserve = seed % 3 == 0 ? 1 : 0
            limits.reserveAfter = .milliseconds(5)
            limits.minimum = seed % 5 == 0 ? 1 : 0
            limits.lifetime = seed % 2 == 0 ? .milliseconds(300) : nil
            limits.idleTime = .milliseconds(200)
            limits.waitTime = seed % 4 == 0 ? .milliseconds(50) : nil
            limits.pauseAfterRefusal = .milliseconds(20)
            var simulation = PoolSimulation(seed: UInt64(seed), reactors: reactors, limits: limits)
            do {
                for _ in 0..<3000 { try simulation.step() }
                try simulation.finish()
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
            served += simulation.served
            handovers += simulation.handovers
        }
        // That much really happened.
        #expect(served > 10_000)
        #expect(reactors == 1 || handovers > 1000)
    }
}
