package import Cryptography
internal import Synchronization

/// Keeps salted passwords, which cost some 5 ms each to work out and change only with a user's password: every new
/// connection to a server takes one. All reactors share it.
package final class SaltedPasswordCache: Sendable {
    private struct Key: Hashable {
        let user: String
        let salt: [UInt8]
        let iterations: Int
        /// SHA-256: a changed password does not find what the old one left.
        let passwordDigest: [UInt8]
    }

    private struct Entries {
        var values: [Key: [UInt8]] = [:]
        /// Oldest first.
        var order: [Key] = []
    }

    private let capacity: Int
    private let entries = Mutex(Entries())

    /// - Parameter capacity: how many are kept, at least 1; then the oldest goes.
    package init(capacity: Int = 1024) {
        self.capacity = max(1, capacity)
    }

    /// How many are kept at this moment.
    var count: Int { entries.withLock { $0.values.count } }

    /// The salted password, worked out when it is not known. Two threads may work out the same; no lock is held meanwhile.
    package func saltedPassword(
        user: String,
        password: String,
        salt: [UInt8],
        iterations: Int
    ) throws(CryptographyError) -> [UInt8] {
        if let known = try known(user: user, password: password, salt: salt, iterations: iterations) { return known }
        let key = try key(user, password, salt, iterations)
        let value = try SCRAMKeys.saltedPassword(password, salt: salt, iterations: iterations)
        entries.withLock { entries in
            guard entries.values.updateValue(value, forKey: key) == nil else { return }
            entries.order.append(key)
            if entries.order.count > capacity { entries.values[entries.order.removeFirst()] = nil }
        }
        return value
    }

    func known(user: String, password: String, salt: [UInt8], iterations: Int) throws(CryptographyError) -> [UInt8]? {
        let key = try key(user, password, salt, iterations)
        return entries.withLock { $0.values[key] }
    }

    private func key(
        _ user: String,
        _ password: String,
        _ salt: [UInt8],
        _ iterations: Int
    ) throws(CryptographyError) -> Key {
        Key(
            user: user,
            salt: salt,
            iterations: iterations,
            passwordDigest: try Digest.sha256(Array(password.utf8))
        )
    }
}
