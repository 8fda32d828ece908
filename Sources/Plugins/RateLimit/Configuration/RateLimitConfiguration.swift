import PluginAPI

/// What a rate-limit file says.
public struct RateLimitConfiguration: Decodable, Sendable {
    /// The limits; all of them hold.
    var limit: [LimitConfiguration]?
}

/// One limit as its file says it.
struct LimitConfiguration: Decodable, Sendable {
    /// What denials call it.
    var name: String
    /// Whose statements count together; everybody's with "all".
    var per: Words?
    /// "statements", "calls" or "characters".
    var count: String?
    /// Functions by `schema.name` or `schema.*`: only what calls one of them counts.
    var functions: [String]?
    /// So many in a time: "50/second".
    var rate: String?
    /// As many may come at once; a time's worth when absent.
    var burst: Int?
    /// So many statements at a time.
    var concurrent: Int?
    /// "reject" or "wait".
    var onLimit: String?
    /// How long one may be made to wait.
    var waitAtMost: Duration?
    /// What an input counts whose length cannot be told; such calls are refused when absent.
    var unknownCharacters: Int?
    var users: [String]?
    var databases: [String]?
    var applications: [String]?
    var addresses: [AddressRange]?

    enum CodingKeys: String, CodingKey {
        case name, per, count, functions, rate, burst, concurrent, users, databases, applications, addresses
        case onLimit = "on_limit"
        case waitAtMost = "wait_at_most"
        case unknownCharacters = "unknown_characters"
    }
}

/// One word, or a list of words.
struct Words: Decodable, Sendable {
    let words: [String]

    init(_ words: [String]) { self.words = words }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let word = try? container.decode(String.self) {
            words = [word]
        } else {
            words = try container.decode([String].self)
        }
    }
}
