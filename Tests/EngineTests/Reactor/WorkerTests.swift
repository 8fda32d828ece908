import Synchronization
import Testing

@testable import Engine

@Suite struct WorkerTests {
    /// Recursion that takes at least 256 bytes of stack a level.
    @inline(never)
    private static func descend(_ levels: Int) -> Int {
        unsafe withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { bytes in
            unsafe bytes[0] = UInt8(truncatingIfNeeded: levels)
            return levels == 0 ? Int(unsafe bytes[0]) : descend(levels - 1) + 1
        }
    }

    @Test func aJobHasTheStackItAsksFor() throws {
        let reactor = try Reactor(index: 0)
        let worker = try Worker(capacity: 4)
        var depth: Int?
        // 400 000 levels take at least 100 MB: more than any thread has by default.
        worker.submit(stackBytes: 1 << 30, reply: reactor.expect { depth = try? $0.get() }) { Self.descend(400_000) }
        while depth == nil { reactor.turn() }
        #expect(depth == 400_000)
    }

    @Test func jobsAreDoneInOrder() throws {
        let reactor = try Reactor(index: 0)
        let worker = try Worker(capacity: 100)
        var results: [Int] = []
        for number in 0..<50 {
            let reply = reactor.expect { (result: Result<Int, WorkerFailure>) in
                if case .success(let value) = result { results.append(value) }
            }
            worker.submit(stackBytes: 64 * 1024, reply: reply) { number }
        }
        while results.count < 50 { reactor.turn() }
        #expect(results == Array(0..<50))
    }

    @Test func jobsBeyondTheCapacityAreRefusedAtOnce() throws {
        let reactor = try Reactor(index: 0)
        let worker = try Worker(capacity: 1)
        let isHeld = Mutex(true)
        var results: [String] = []
        func submit() {
            let reply = reactor.expect { (result: Result<Int, WorkerFailure>) in
                switch result {
                case .success: results.append("done")
                case .failure(.busy): results.append("busy")
                case .failure(.noStack): results.append("no stack")
                }
            }
            worker.submit(stackBytes: 64 * 1024, reply: reply) {
                while isHeld.withLock({ $0 }) {}
                return 0
            }
        }
        // One is being done, one waits, or both wait until the worker comes round; at least one of four is refused.
        for _ in 0..<4 { submit() }
        while !results.contains("busy") { reactor.turn() }
        isHeld.withLock { $0 = false }
        while results.count < 4 { reactor.turn() }
        #expect(results.contains("done"))
        #expect(!results.contains("no stack"))
    }

    @Test func aStackThatCannotBeHadIsAFailureAndNoCrash() throws {
        let reactor = try Reactor(index: 0)
        let worker = try Worker(capacity: 1)
        var outcome: Result<Int, WorkerFailure>?
        worker.submit(stackBytes: 1 << 50, reply: reactor.expect { outcome = $0 }) { 0 }
        while outcome == nil { reactor.turn() }
        guard case .failure(.noStack(let error)) = outcome else {
            Issue.record("1 PiB of stack was had")
            return
        }
        #expect(error.description.contains("stack of \(1 << 50) bytes"))
    }
}
