/// When a server connection is given back.
package enum PoolMode: String, Sendable, Decodable, CaseIterable {
    /// When the client leaves.
    case session
    /// When its transaction ends, unless the session left something behind that only this connection has.
    case transaction
}
