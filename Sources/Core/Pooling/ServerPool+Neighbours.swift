/// Connections that go from reactor to reactor.
extension ServerPool {
    /// What a reactor answers when it is asked for a connection.
    public enum Answer: Hashable, Sendable {
        /// Hand this one over: `departed`, or `stay` where that cannot be.
        case handOver(PooledServer, PoolPromise)
        /// Settle this one first.
        case settle(PooledServer)
        /// There is none to spare: have `declined` called there.
        case decline
    }

    /// Another reactor misses a connection.
    public mutating func asked(by other: Int) -> Answer {
        // With clients of its own waiting it has nothing to spare, and will look at the wish whenever one is given back.
        guard waiting.count <= underway, !isClosing else { return .decline }
        let promise = PoolPromise(reactor: other, isAnswer: true)
        let coldest = free.last
        if coldest != SlotList.end {
            guard share.claim(of: other) else { return .decline }
            leaveState(of: coldest)
            servers[coldest].state = .leaving
            servers[coldest].promise = promise
            return .handOver(PooledServer(slot: coldest), promise)
        }
        let silent = revocable.first
        guard silent != SlotList.end, share.claim(of: other) else { return .decline }
        return .settle(settle(silent, promise: promise))
    }

    /// A connection that became revocable while others wish.
    mutating func settleForOthers() -> Step? {
        let silent = revocable.first
        guard silent != SlotList.end, let wish = share.eldestWish(besides: reactor), share.claim(of: wish.reactor)
        else {
            return nil
        }
        return .settle(settle(silent, promise: PoolPromise(reactor: wish.reactor, isAnswer: false)), for: nil)
    }

    /// A connection has left for the reactor it was promised to. Answers what its new owner needs to know.
    public mutating func departed(_ server: PooledServer) -> PooledBaggage {
        let record = servers[server.slot]
        guard let promise = record.promise, record.state == .leaving else {
            preconditionFailure("a connection leaves for whom it was promised to")
        }
        servers.remove(server.slot)
        share.move(from: reactor, to: promise.reactor)
        return PooledBaggage(expiry: record.expiry)
    }

    /// A connection that was to leave cannot: `give` it again, and tell the one it was promised to `declined`.
    public mutating func stay(_ server: PooledServer) -> PoolPromise? {
        leaveState(of: server.slot)
        return servers[server.slot].promise.take()
    }

    /// A connection has come from another reactor: `give` it.
    public mutating func arrived(_ baggage: PooledBaggage, _ promise: PoolPromise, at now: PoolTime) -> PooledServer {
        noteEnd(of: promise)
        return PooledServer(
            slot: servers.insert(Server(state: .leased, expiry: baggage.expiry, idleSince: now))
        )
    }

    /// A reactor that was asked has none to spare, or one that was promised has died: ask for `nextStep`.
    ///
    /// - Parameter promise: the one that was broken; nil for an answer without one.
    public mutating func declined(_ promise: PoolPromise?) {
        if let promise { noteEnd(of: promise) } else { noteAnswer(isWorthRepeating: false) }
    }

    /// A wish was claimed and has been fulfilled, or will not be: what is missing still has to be asked for anew.
    private mutating func noteEnd(of promise: PoolPromise) {
        isWishing = false
        if promise.isAnswer { return noteAnswer(isWorthRepeating: true) }
        switch search {
        case .none: break
        // Those who have not looked yet find no wish.
        case .asking(let due, _): search = .asking(answersDue: due, isWorthRepeating: true)
        case .exhausted: search = .none
        }
    }

    private mutating func noteAnswer(isWorthRepeating isWorth: Bool) {
        guard case .asking(let due, let wasWorth) = search else { return }
        if due > 1 {
            search = .asking(answersDue: due - 1, isWorthRepeating: isWorth || wasWorth)
        } else {
            search = isWorth || wasWorth ? .none : .exhausted
        }
    }
}

/// What goes with a connection from reactor to reactor.
public struct PooledBaggage: Sendable {
    let expiry: PoolTime
}
