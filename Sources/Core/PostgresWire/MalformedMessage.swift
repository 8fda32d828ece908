/// A message body that does not hold what its type promises: PostgreSQL answers 08P01, "invalid message format".
public struct MalformedMessage: Error, Sendable, Equatable {
    /// The message's type.
    public let tag: UInt8

    /// A malformed message of type `tag`.
    public init(tag: UInt8) { self.tag = tag }
}
