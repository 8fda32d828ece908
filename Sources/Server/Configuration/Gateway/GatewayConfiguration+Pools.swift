extension GatewayConfiguration {
    /// When a user's server connections are given back: as the user's own key says, else as everybody's.
    package func poolMode(of user: GatewayUser) -> PoolMode {
        user.poolMode ?? poolMode
    }

    /// Server connections of each pool that serves a user, over all reactors, without the reserve.
    ///
    /// Unless the file says otherwise, session pooling lets every client have one: it makes nobody wait whom
    /// `max_client_connections` lets in.
    package func poolSize(of user: GatewayUser) -> Int {
        if let size = user.poolSize ?? pool.size { return size }
        return switch poolMode(of: user) {
        case .session: limits.maxClientConnections
        case .transaction: 20
        }
    }
}

extension GatewayConfiguration {
    /// What is wrong with keys that make sense each by itself and none together, in the order of the lines.
    func contradictions(in document: TOMLDocument) -> [ConfigurationError] {
        let bounded = [("reserve_size", pool.reserveSize), ("minimum", pool.minimum)]
        var found = bounded.flatMap { key, amount in
            sizesBelow(amount, of: key).map { document.mistake($0.message, at: $0.path) }
        }
        if pool.reserveSize > 0, let patience = pool.queryWaitTimeout, patience <= pool.reserveAfter {
            let message =
                "is never used: clients wait \"\(patience.setting)\" at most (query_wait_timeout), and the reserve "
                + "is for those who have waited \"\(pool.reserveAfter.setting)\"; write a shorter reserve_after"
            found.append(document.mistake(message, at: .root + "pool" + "reserve_size"))
        }
        return found.sorted { ($0.line ?? 0, $0.message) < ($1.line ?? 0, $1.message) }
    }

    /// Complaints about an amount that exceeds the size of a pool: at the user whose own size that is, else at the amount.
    private func sizesBelow(_ amount: Int, of key: String) -> [(path: TOMLPath, message: String)] {
        var complaints: [(path: TOMLPath, message: String)] = []
        let common = users.filter { $0.poolSize == nil }.map(poolSize(of:)).min()
        if let common, common < amount {
            let found = "\(amount) is more than the size of a pool, \(common)"
            complaints.append((.root + "pool" + key, "\(found); write at most \(common), or a larger size"))
        }
        for (index, user) in users.enumerated() {
            guard let size = user.poolSize, size < amount else { continue }
            let message = "\(size) is less than \(key) of [pool]; write at least \(amount), or a smaller \(key)"
            complaints.append((.root + "users" + index + "pool_size", message))
        }
        return complaints
    }
}
