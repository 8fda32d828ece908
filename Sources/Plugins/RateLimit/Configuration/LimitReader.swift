import PluginAPI

/// Makes limits of what a file says.
enum LimitReader {
    /// - Parameter former: the limits of the same file before a reload.
    static func limits(from configuration: RateLimitConfiguration, after former: [Limit] = []) throws -> [Limit] {
        guard let entries = configuration.limit, !entries.isEmpty else {
            throw PluginConfigurationError(
                at: ["limit"],
                "is missing; write at least one [[limit]], or enabled = false"
            )
        }
        var names: Set<String> = []
        return try entries.enumerated().map { index, entry in
            let key = ["limit", String(index)]
            guard !entry.name.isEmpty, names.insert(entry.name).inserted else {
                throw PluginConfigurationError(
                    at: key + ["name"],
                    "needs a name of its own for each limit: denials are told by it"
                )
            }
            return try Entry(entry, key).limit(after: former)
        }
    }

    /// One entry on its way to becoming a limit.
    private struct Entry {
        let entry: LimitConfiguration
        let key: [String]

        init(_ entry: LimitConfiguration, _ key: [String]) {
            self.entry = entry
            self.key = key
        }

        func limit(after former: [Limit]) throws -> Limit {
            let functions = try functions()
            let unit = try unit(with: functions)
            let shares = try shares(with: functions)
            let patience = try patience()
            let scope = try scope()
            let (fresh, words) = try stock(of: unit, shares)
            let same = former.first {
                $0.name == entry.name && $0.shares == shares && $0.unit == unit && $0.functions == functions
            }
            let stock = same.map { fresh.continuing($0.stock) } ?? fresh
            return Limit(
                name: entry.name,
                scope: scope,
                shares: shares,
                unit: unit,
                functions: functions,
                stock: stock,
                patience: patience,
                words: words
            )
        }

        private func refuse(_ name: String, _ message: String) -> PluginConfigurationError {
            PluginConfigurationError(at: key + [name], message)
        }

        private func functions() throws -> FunctionPatterns? {
            guard let names = entry.functions else { return nil }
            guard !names.isEmpty else { throw refuse("functions", "is empty: nothing would ever count") }
            var patterns = FunctionPatterns()
            for (index, name) in names.enumerated() where !patterns.add(name) {
                throw PluginConfigurationError(
                    at: key + ["functions", String(index)],
                    "\"\(name)\" is no function, or there twice; write \"pgml.embed\" or \"pgml.*\""
                )
            }
            return patterns
        }

        private func unit(with functions: FunctionPatterns?) throws -> Limit.Unit {
            let unknown = entry.unknownCharacters
            if let unknown, !(0...1_000_000_000).contains(unknown) {
                throw refuse("unknown_characters", "needs a number from 0 to 1000000000")
            }
            if unknown != nil, entry.count != "characters" {
                throw refuse("unknown_characters", "needs count = \"characters\"")
            }
            let unit: Limit.Unit
            switch entry.count ?? "statements" {
            case "statements": return .statements
            case "calls": unit = .calls
            case "characters": unit = .characters(unknown: unknown.map { UInt64($0) })
            case let other:
                throw refuse("count", "\"\(other)\" is not known; write \"statements\", \"calls\" or \"characters\"")
            }
            guard functions != nil else {
                throw refuse("count", "needs to know of which functions; add functions = [\"pgml.*\"]")
            }
            if entry.concurrent != nil {
                throw refuse("count", "is for `rate`; with `concurrent`, statements are what is counted")
            }
            return unit
        }

        private func shares(with functions: FunctionPatterns?) throws -> Shares {
            let words = entry.per?.words ?? ["all"]
            guard !words.isEmpty else { throw refuse("per", "is empty; write \"all\"") }
            var shares: Shares = []
            for word in words where word != "all" {
                guard let share = Shares.words.first(where: { $0.word == word })?.share else {
                    throw refuse(
                        "per",
                        "\"\(word)\" is not known; write \"user\", \"database\", \"address\", \"function\", \"all\", "
                            + "or a list of them"
                    )
                }
                guard shares.insert(share).inserted else { throw refuse("per", "names \"\(word)\" twice") }
            }
            if words.contains("all"), words.count > 1 { throw refuse("per", "\"all\" stands alone") }
            if shares.contains(.function), functions == nil {
                throw refuse("per", "\"function\" needs functions = [\"pgml.*\"]: which ones")
            }
            return shares
        }

        private func patience() throws -> UInt64? {
            switch entry.onLimit ?? "reject" {
            case "reject":
                guard entry.waitAtMost == nil else { throw refuse("wait_at_most", "needs on_limit = \"wait\"") }
                return nil
            case "wait":
                guard let wait = entry.waitAtMost else {
                    throw refuse("on_limit", "needs to know how long; add wait_at_most = \"2s\"")
                }
                guard wait > .zero, wait <= .seconds(3600) else {
                    throw refuse("wait_at_most", "needs more than 0 and at most one hour")
                }
                let (seconds, attoseconds) = wait.components
                return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
            case let other:
                throw refuse("on_limit", "\"\(other)\" is not known; write \"reject\" or \"wait\"")
            }
        }

        private func scope() throws -> Scope {
            for (name, isEmpty) in [
                ("users", entry.users?.isEmpty), ("databases", entry.databases?.isEmpty),
                ("applications", entry.applications?.isEmpty), ("addresses", entry.addresses?.isEmpty),
            ] where isEmpty == true {
                throw refuse(
                    name,
                    "is empty, so that the limit would never hold; write at least one, or remove the key"
                )
            }
            return Scope(
                users: entry.users.map { Set($0) },
                databases: entry.databases.map { Set($0) },
                applications: entry.applications.map { Set($0) },
                addresses: entry.addresses
            )
        }

        private func stock(of unit: Limit.Unit, _ shares: Shares) throws -> (Limit.Stock, String) {
            let names = Shares.words.filter { shares.contains($0.share) }.map(\.word)
            let each = names.isEmpty ? "" : " for each \(names.joined(separator: " and "))"
            switch (entry.rate, entry.concurrent) {
            case (nil, nil), (.some, .some):
                throw PluginConfigurationError(at: key, "needs either `rate` or `concurrent`; two limits can have both")
            case (nil, let concurrent?):
                guard (1...1_000_000).contains(concurrent) else {
                    throw refuse("concurrent", "needs at least 1 and at most 1000000")
                }
                guard entry.burst == nil else { throw refuse("burst", "is for `rate`") }
                return (.slots(concurrent, BucketTable()), "\(concurrent) at a time\(each)")
            case (let text?, nil):
                let rate = try rate(text)
                let counted =
                    switch unit {
                    case .statements: "statements"
                    case .calls: "calls"
                    case .characters: "characters"
                    }
                let (amount, period) = (text.prefix { $0 != "/" }, text.drop { $0 != "/" }.dropFirst())
                return (.tokens(rate, BucketTable()), "\(amount) \(counted) per \(period)\(each)")
            }
        }

        private func rate(_ text: String) throws -> Rate {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let seconds = ["second": 1, "minute": 60, "hour": 3600]
            guard parts.count == 2, let amount = UInt64(parts[0]), parts[0].allSatisfy(\.isNumber),
                (1...1_000_000_000).contains(amount), let period = seconds[parts[1]]
            else {
                throw refuse("rate", "\"\(text)\" is no rate; write \"50/second\", \"600/minute\" or \"1000/hour\"")
            }
            if let burst = entry.burst, burst < 1 { throw refuse("burst", "needs at least 1: nothing would ever pass") }
            let burst = entry.burst.map { UInt64($0) } ?? amount
            guard let rate = Rate(amount: amount, period: UInt64(period), burst: burst) else {
                throw refuse("burst", "is more than a year's worth of the rate")
            }
            return rate
        }
    }
}
