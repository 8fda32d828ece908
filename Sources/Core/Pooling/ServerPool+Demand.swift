/// Clients that wait, and what is done for them.
extension ServerPool {
    /// How far the part has got in finding connections for those who wait.
    enum Search: Hashable {
        case none
        /// Others have been asked; so many have not answered yet. Once more, when one of them gave something, or asked in
        /// vain because nobody waited any more.
        case asking(answersDue: Int, isWorthRepeating: Bool)
        /// Nobody has one to spare: open one, or wait.
        case exhausted
    }

    /// Something to do for those who wait.
    public enum Step: Hashable, Sendable {
        /// Prepare this connection for this client, who waits no more.
        case serve(PooledServer, PoolWaiter)
        /// Detach the client of this connection, take off it what its session left, and prepare it for the one named, who
        /// waits no more; without one, `give` it. Or report `pinned`.
        case settle(PooledServer, for: PoolWaiter?)
        /// Open a connection; then `give` it, or report `openFailed`.
        case open(PooledServer)
        /// Have `asked` called on these reactors.
        case ask([Int])
    }

    /// A client waits from now on: ask for `nextStep`.
    public mutating func wait(at now: PoolTime) -> PoolWaiter {
        let slot = waiters.insert(Waiter(since: now))
        waiters.append(slot, to: &waiting)
        return PoolWaiter(slot: slot)
    }

    /// A client waits again, before all others: the connection that was prepared for it has died, or is pinned.
    ///
    /// - Parameter since: when it began to wait.
    public mutating func waitAgain(since: PoolTime) -> PoolWaiter {
        let slot = waiters.insert(Waiter(since: since))
        waiters.prepend(slot, to: &waiting)
        return PoolWaiter(slot: slot)
    }

    /// A client waits no more.
    public mutating func leave(_ waiter: PoolWaiter) {
        waiters.unlink(waiter.slot, from: &waiting)
        waiters.remove(waiter.slot)
        guard isWishing else { return }
        if waiting.count > underway {
            share.postpone(of: reactor, to: waiters[waiting.first].since)
        } else {
            withdraw()
        }
    }

    /// What to do next for those who wait; nil when that is all.
    public mutating func nextStep(at now: PoolTime) -> Step? {
        guard !isClosing else { return nil }
        guard waiting.count > underway else {
            withdraw()
            if search == .exhausted { search = .none }
            return settleForOthers()
        }
        if let waiter = eldestWaiter, let server = take(evenIfSomebodyWaits: true) {
            leave(waiter)
            return .serve(server, waiter)
        }
        let silent = revocable.first
        if silent != SlotList.end {
            let waiter = PoolWaiter(slot: waiting.first)
            leaveState(of: silent)
            leave(waiter)
            return .settle(PooledServer(slot: silent), for: waiter)
        }
        switch search {
        case .asking:
            return nil
        case .none:
            let others = share.holders(besides: reactor)
            guard !others.isEmpty else { break }
            wish()
            search = .asking(answersDue: others.count, isWorthRepeating: false)
            return .ask(others)
        case .exhausted:
            break
        }
        search = .exhausted
        // Stated before anything is tried: who closes a connection meanwhile sees it.
        wish()
        return open(at: now, limit: limit(at: now))
    }

    private func limit(at now: PoolTime) -> Int {
        guard limits.reserve > 0, !waiting.isEmpty else { return limits.size }
        return waiters[waiting.first].since + limits.reserveAfter <= now ? limits.size + limits.reserve : limits.size
    }

    mutating func open(at now: PoolTime, limit: Int) -> Step? {
        guard now >= opensAgain, share.open(by: reactor, limit: limit) else { return nil }
        let expiry = limits.lifetime.map { now + $0 } ?? .never
        underway += 1
        return .open(PooledServer(slot: servers.insert(Server(state: .opening, expiry: expiry, idleSince: now))))
    }

    /// Begins to settle a connection for nobody in particular, or for another reactor.
    mutating func settle(_ slot: Int, promise: PoolPromise?) -> PooledServer {
        leaveState(of: slot)
        servers[slot].state = .settling
        servers[slot].promise = promise
        if promise == nil { underway += 1 }
        return PooledServer(slot: slot)
    }

    /// A connection could not be opened. Answers who waits in vain, and the reactor that may try.
    ///
    /// - Parameter isFull: the upstream takes no more connections, and clients go on waiting for those there are.
    public mutating func openFailed(
        _ server: PooledServer,
        isFull: Bool,
        at now: PoolTime
    ) -> (refused: [PoolWaiter], mayOpen: Int?) {
        let mayOpen = closed(server).mayOpen
        if isFull || waiting.isEmpty { opensAgain = now + limits.pauseAfterRefusal }
        if isFull, share.total > 0 { return ([], mayOpen) }
        let refused = waiters.slots(of: waiting).map { PoolWaiter(slot: $0) }
        for waiter in refused { leave(waiter) }
        return (refused, mayOpen)
    }

    // MARK: Wishes

    private mutating func wish() {
        guard !isWishing else { return }
        isWishing = true
        share.wish(of: reactor, since: waiters[waiting.first].since)
    }

    mutating func withdraw() {
        guard isWishing, share.claim(of: reactor) else { return }
        isWishing = false
        if case .asking(let due, _) = search { search = .asking(answersDue: due, isWorthRepeating: true) }
    }
}
