import Pooling

/// Reactors with letters between them that take their time, and servers, clients and accidents as random numbers decide.
/// Does what the machines say as the engine would, and keeps a book of its own to hold them to.
struct PoolSimulation {
    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    private enum Life: Hashable {
        case opening
        case leased
        case revocable
        case settling(for: PoolWaiter?)
        case preparing
        case free
        case leaving(PoolPromise)
    }

    private enum Letter {
        case ask(from: Int)
        case declined(PoolPromise?)
        case mayOpen
        case parcel(PooledBaggage, PoolPromise)
    }

    private struct Part {
        var pool: ServerPool
        var servers: [PooledServer: Life] = [:]
        var waiting: Set<PoolWaiter> = []
    }

    private let share: PoolShare
    private let limits: PoolLimits
    private var parts: [Part]
    private var letters: [(to: Int, letter: Letter)] = []
    private var random: SplitMix
    private var clock = 0.0
    private var isFinishing = false
    private(set) var served = 0
    private(set) var handovers = 0

    init(seed: UInt64, reactors: Int, limits: PoolLimits) {
        self.limits = limits
        share = PoolShare(reactors: reactors)
        parts = (0..<reactors).map { [share] in Part(pool: ServerPool(reactor: $0, share: share, limits: limits)) }
        random = SplitMix(state: seed)
    }

    private var now: PoolTime { seconds(clock) }

    // MARK: What happens

    mutating func step() throws {
        clock += Double(random.next(upTo: 2000)) / 1e6
        let here = random.next(upTo: parts.count)
        switch random.next(upTo: 16) {
        case 0...3: try arrive(here)
        case 4...8: try moveOn(here)
        case 9...12: try deliver()
        case 13: try leave(here)
        case 14 where random.next(upTo: 8) == 0: try die(here)
        default: try tick(here)
        }
        try check()
    }

    /// No more clients come, and nothing goes wrong any more: everybody must be served.
    mutating func finish() throws {
        isFinishing = true
        for _ in 0..<20_000 where !isQuiet {
            clock += 0.01
            for here in parts.indices {
                try moveOn(here)
                try tick(here)
            }
            try deliver()
            try check()
        }
        guard isQuiet else { throw Violation(description: "somebody waits for ever") }
    }

    private var isQuiet: Bool {
        letters.isEmpty && parts.allSatisfy { $0.waiting.isEmpty && $0.servers.values.allSatisfy { $0 == .free } }
    }

    private mutating func arrive(_ here: Int) throws {
        if let server = parts[here].pool.take() {
            try expect(server, here, .free)
            return serve(server, here)
        }
        let waiter = parts[here].pool.wait(at: now)
        guard parts[here].waiting.insert(waiter).inserted else {
            throw Violation(description: "a number is given twice")
        }
        try advance(here)
    }

    private mutating func leave(_ here: Int) throws {
        guard let waiter = parts[here].waiting.sorted(by: { $0.slot < $1.slot }).randomElement(using: &random) else {
            return
        }
        parts[here].waiting.remove(waiter)
        parts[here].pool.leave(waiter)
        try advance(here)
    }

    /// In an order that does not depend on hashes, so that a seed is the same run every time.
    private mutating func anyServer(_ here: Int) -> (PooledServer, Life)? {
        parts[here].servers.sorted { $0.key.slot < $1.key.slot }.randomElement(using: &random).map {
            ($0.key, $0.value)
        }
    }

    /// Something that was under way is done.
    private mutating func moveOn(_ here: Int) throws {
        guard let (server, life) = anyServer(here) else { return }
        switch life {
        case .opening where random.next(upTo: 8) == 0 && !isFinishing:
            parts[here].servers[server] = nil
            let isFull = random.next(upTo: 2) == 0
            let (refused, mayOpen) = parts[here].pool.openFailed(server, isFull: isFull, at: now)
            try refused.forEach { try stopWaiting($0, here) }
            if let mayOpen { letters.append((mayOpen, .mayOpen)) }
        case .opening:
            return try give(server, here)
        case .leased where random.next(upTo: 3) > 0:
            return try give(server, here)
        case .leased:
            parts[here].servers[server] = .revocable
            guard parts[here].pool.becameRevocable(server, at: now) else { return }
        case .revocable:
            // Its client speaks and is done again.
            parts[here].pool.resume(server)
            parts[here].servers[server] = .leased
        case .settling(let waiter) where random.next(upTo: 4) == 0 && !isFinishing:
            if let promise = parts[here].pool.pinned(server) { letters.append((promise.reactor, .declined(promise))) }
            parts[here].servers[server] = .leased
            if waiter != nil { waitAgain(here) }
        case .settling(nil):
            return try give(server, here)
        case .settling:
            served += 1
            parts[here].servers[server] = .leased
        case .preparing:
            parts[here].servers[server] = .leased
        case .leaving(let promise):
            parts[here].servers[server] = nil
            letters.append((promise.reactor, .parcel(parts[here].pool.departed(server), promise)))
            handovers += 1
        case .free:
            return
        }
        try advance(here)
    }

    private mutating func die(_ here: Int) throws {
        guard let (server, life) = anyServer(here), life != .opening else { return }
        if life == .revocable { parts[here].pool.resume(server) }
        close(server, here)
        if case .settling(_?) = life { waitAgain(here) }
        try advance(here)
    }

    private mutating func tick(_ here: Int) throws {
        let due = parts[here].pool.tick(at: now)
        try due.timedOut.forEach { try stopWaiting($0, here) }
        for server in due.close {
            try expect(server, here, .free)
            close(server, here)
        }
        for server in due.settle {
            try expect(server, here, .revocable)
            parts[here].servers[server] = .settling(for: nil)
        }
        for server in due.open { parts[here].servers[server] = .opening }
        try advance(here)
    }

    /// Opens the oldest letter of one reactor to another.
    private mutating func deliver() throws {
        guard !letters.isEmpty else { return }
        let (here, letter) = letters.remove(at: random.next(upTo: min(2, letters.count)))
        switch letter {
        case .ask(let other): try answer(other, here)
        case .declined(let promise): parts[here].pool.declined(promise)
        case .mayOpen: break
        case .parcel(let baggage, let promise):
            let server = parts[here].pool.arrived(baggage, promise, at: now)
            parts[here].servers[server] = .leased
            try give(server, here)
        }
        try advance(here)
    }

    private mutating func answer(_ other: Int, _ here: Int) throws {
        switch parts[here].pool.asked(by: other) {
        case .handOver(let server, let promise):
            try expect(server, here, .free)
            parts[here].servers[server] = .leaving(promise)
        case .settle(let server):
            try expect(server, here, .revocable)
            parts[here].servers[server] = .settling(for: nil)
        case .decline:
            letters.append((other, .declined(nil)))
        }
    }

    // MARK: What the machine says

    private mutating func advance(_ here: Int) throws {
        while let step = parts[here].pool.nextStep(at: now) {
            switch step {
            case .open(let server):
                guard parts[here].servers.updateValue(.opening, forKey: server) == nil else {
                    throw Violation(description: "a number is given twice")
                }
            case .settle(let server, let waiter):
                try expect(server, here, .revocable)
                if let waiter { try stopWaiting(waiter, here) }
                parts[here].servers[server] = .settling(for: waiter)
            case .serve(let server, let waiter):
                try expect(server, here, .free)
                try stopWaiting(waiter, here)
                serve(server, here)
            case .ask(let others):
                for other in others { letters.append((other, .ask(from: here))) }
            }
        }
    }

    private mutating func give(_ server: PooledServer, _ here: Int) throws {
        switch parts[here].pool.give(server, at: now) {
        case .rest: parts[here].servers[server] = .free
        case .serve(let waiter):
            try stopWaiting(waiter, here)
            serve(server, here)
        case .handOver(let promise): parts[here].servers[server] = .leaving(promise)
        case .close: close(server, here)
        }
        try advance(here)
    }

    private mutating func serve(_ server: PooledServer, _ here: Int) {
        served += 1
        parts[here].servers[server] = .preparing
    }

    private mutating func close(_ server: PooledServer, _ here: Int) {
        parts[here].servers[server] = nil
        let farewell = parts[here].pool.closed(server)
        if let other = farewell.mayOpen { letters.append((other, .mayOpen)) }
        if let promise = farewell.isMissing { letters.append((promise.reactor, .declined(promise))) }
    }

    private mutating func waitAgain(_ here: Int) {
        parts[here].waiting.insert(parts[here].pool.waitAgain(since: now))
    }

    private mutating func stopWaiting(_ waiter: PoolWaiter, _ here: Int) throws {
        guard parts[here].waiting.remove(waiter) != nil else {
            throw Violation(description: "a client is served that does not wait")
        }
    }

    // MARK: What must always hold

    private func expect(_ server: PooledServer, _ here: Int, _ life: Life) throws {
        guard parts[here].servers[server] == life else {
            throw Violation(description: "\(server) is \(String(describing: parts[here].servers[server])), not \(life)")
        }
    }

    private func check() throws {
        let parcels = letters.count { if case .parcel = $0.letter { true } else { false } }
        let total = parts.reduce(parcels) { $0 + $1.servers.count }
        guard total == share.total else { throw Violation(description: "a connection is lost") }
        guard total <= limits.size + limits.reserve else { throw Violation(description: "the pool is too large") }
        for part in parts {
            guard part.waiting.count == part.pool.waitingCount else { throw Violation(description: "a client is lost") }
            guard part.pool.count == part.servers.count else { throw Violation(description: "a connection is lost") }
        }
        guard letters.isEmpty else { return }
        try checkNobodyWaitsInVain()
    }

    /// With no letter on its way, and nothing that will bring about a connection.
    private func checkNobodyWaitsInVain() throws {
        let lives = parts.flatMap { $0.servers.values }
        // A reactor gets the connections of others one at a time: while one is on its way, or being settled, it has not
        // looked for the next.
        let isOneComing = lives.contains { life in
            switch life {
            case .settling(nil), .leaving: true
            default: false
            }
        }
        guard !isOneComing else { return }
        guard parts.reduce(0, { $0 + $1.waiting.count }) > lives.count(where: { $0 == .opening }) else { return }
        guard !lives.contains(.free) else { throw Violation(description: "a client waits while a connection is free") }
        guard !lives.contains(.revocable) else {
            throw Violation(description: "a client waits while a session is silent")
        }
    }
}

/// A small generator whose sequence is its seed's for ever.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func next(upTo bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
