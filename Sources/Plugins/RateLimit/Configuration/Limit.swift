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
