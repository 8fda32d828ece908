import PluginAPI

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
