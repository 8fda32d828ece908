extension PinReasons: CustomStringConvertible {
    /// The reasons in a line, as logs and the admin view show them.
    public var description: String {
        Self.names.filter { contains($0.reason) }.map(\.name).joined(separator: ", ")
    }

    private static let names: [(reason: PinReasons, name: String)] = [
        (.temporaryObjects, "temporary objects"), (.listens, "LISTEN"), (.advisoryLocks, "advisory locks"),
        (.heldCursors, "WITH HOLD cursors"), (.role, "another role"), (.preparedStatements, "PREPARE"),
        (.sequences, "sequence values"), (.randomSeed, "random seed"), (.loadedCode, "LOAD"),
        (.frozenLiteral, "literals read at PREPARE"), (.unknown, "unknown traces"),
    ]
}
