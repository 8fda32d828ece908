import PluginAPI

/// The file's own keys.
public struct RewriteConfiguration: Decodable, Sendable {
    /// In the order in which they are applied.
    var rule: [RuleConfiguration]?
    var limits: LimitsConfiguration?
}

/// What a rule replaces by what, and for whom.
struct RuleConfiguration: Decodable, Sendable {
    enum CodingKeys: String, CodingKey {
        case name, pattern, replacement, users, databases, applications, addresses, stop, test
        case ignoreCase = "ignore_case"
    }

    /// What denials and errors call it.
    var name: String
    /// In PCRE2's syntax.
    var pattern: String
    /// With `${1}` and `${name}` for groups.
    var replacement: String
    var ignoreCase: Bool?
    // Those that are there must all hold.
    var users: [String]?
    var databases: [String]?
    var applications: [String]?
    var addresses: [AddressRange]?
    /// Whether the rules after it are left out where it has changed something.
    var stop: Bool?
    var test: [TestConfiguration]?
}

/// What becomes of a statement by all the file's rules.
struct TestConfiguration: Decodable, Sendable {
    /// One statement.
    var text: String
    /// What it becomes; `unchanged` for nothing else.
    var expect: String
    // Who sends it: by default somebody for whom the rule is.
    var user: String?
    var database: String?
    var application: String?
    var address: String?
}

/// How much work the search of one statement may be.
struct LimitsConfiguration: Decodable, Sendable {
    enum CodingKeys: String, CodingKey {
        case match, depth
        case heap = "heap_kib"
        case time = "time_ms"
    }

    var match: Int?
    var depth: Int?
    var heap: Int?
    var time: Int?
}
