import PluginAPI

/// A limit, with its buckets or slots: one for all reactors.
final class Limit: Sendable {
    /// What is counted.
    enum Unit: Sendable, Hashable {
        case statements
        case calls
        case characters(unknown: UInt64?)
    }

    /// What a bucket or a number of slots is for.
    enum Stock: Sendable {
        case tokens(Rate, BucketTable<TokenBucket>)
        case slots(Int, BucketTable<Slots>)

        /// With what has been taken of `former` still taken, where that means the same: a bucket holds time, which is worth
        /// something else at another rate; who is under way counts whatever their number may be.
        func continuing(_ former: Stock) -> Stock {
            switch (self, former) {
            case (.tokens(let rate, _), .tokens(let before, let table)) where rate == before: .tokens(rate, table)
            case (.slots(let capacity, _), .slots(_, let table)): .slots(capacity, table)
            default: self
            }
        }
    }

    let name: String
    let scope: Scope
    let shares: Shares
    let unit: Unit
    /// nil for all statements.
    let functions: FunctionPatterns?
    let stock: Stock
    /// How long one may be made to wait, in nanoseconds; nil when what is too much is refused.
    let patience: UInt64?
    /// The limit in words: `50 calls per second for each user`.
    let words: String

    init(
        name: String,
        scope: Scope,
        shares: Shares,
        unit: Unit,
        functions: FunctionPatterns?,
        stock: Stock,
        patience: UInt64?,
        words: String
    ) {
        self.name = name
        self.scope = scope
        self.shares = shares
        self.unit = unit
        self.functions = functions
        self.stock = stock
        self.patience = patience
        self.words = words
    }
}

/// Whose sessions a limit is for. What is absent says nothing.
struct Scope: Sendable {
    var users: Set<String>?
    var databases: Set<String>?
    var applications: Set<String>?
    var addresses: [AddressRange]?

    func contains(_ session: SessionIdentity) -> Bool {
        users?.contains(session.user) != false
            && databases?.contains(session.database) != false
            && applications?.contains(session.applicationName) != false
            && addresses?.contains { $0.contains(session.address) } != false
    }
}

/// What those have in common whose statements count together.
struct Shares: OptionSet, Sendable, Hashable {
    let rawValue: UInt8

    static let user = Shares(rawValue: 1)
    static let database = Shares(rawValue: 2)
    static let address = Shares(rawValue: 4)
    static let function = Shares(rawValue: 8)

    /// By the words of a file; "all" is none of them.
    static let words: [(word: String, share: Shares)] = [
        ("user", .user), ("database", .database), ("address", .address), ("function", .function),
    ]

    /// The key of the bucket of `session`: names hold no NUL.
    func key(of session: SessionIdentity, function: String = "") -> [UInt8] {
        var key: [UInt8] = []
        for (share, name) in [
            (Shares.user, session.user), (.database, session.database),
            (.address, contains(.address) ? Self.network(of: session.address) : ""), (.function, function),
        ] where contains(share) {
            key += Array(name.utf8)
            key.append(0)
        }
        return key
    }

    /// Whoever has an IPv6 address has 2⁶⁴ of them: they count as one.
    private static func network(of address: String) -> String {
        guard let parsed = IPAddress(address) else { return address }
        switch parsed.family {
        case .v4: return String(parsed.bits)
        case .v6: return String(parsed.bits >> 64) + "/64"
        }
    }
}
