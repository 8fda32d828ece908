import Pooling

/// Virtual time.
func seconds(_ seconds: Double) -> PoolTime { PoolTime(nanoseconds: Int64(seconds * 1e9)) }

extension ServerPool {
    /// A pool of one reactor.
    init(size: Int = 2, change: (inout PoolLimits) -> Void = { _ in }) {
        var limits = PoolLimits(size: size)
        change(&limits)
        self.init(reactor: 0, share: PoolShare(reactors: 1), limits: limits)
    }

    /// Opens a connection that is leased to somebody at once.
    mutating func openLeased(at now: PoolTime = seconds(0)) throws -> PooledServer {
        let waiter = wait(at: now)
        guard case .open(let server) = nextStep(at: now), give(server, at: now) == .serve(waiter) else {
            throw NotOpened()
        }
        guard nextStep(at: now) == nil else { throw NotOpened() }
        return server
    }
}

struct NotOpened: Error {}
