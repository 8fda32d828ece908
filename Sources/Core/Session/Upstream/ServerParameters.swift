import PostgresWire

/// The parameters a server reports (ParameterStatus), in the order it first did.
public struct ServerParameters: Sendable {
    /// Every parameter with its latest value.
    public private(set) var all: [(name: String, value: String)] = []

    /// Equal for equal parameters in any order, and for others only by an accident that nobody can bring about: hashes
    /// are keyed anew by every process.
    public private(set) var fingerprint = 0

    /// No parameters.
    public init() {}

    /// Notes a parameter's new value.
    public mutating func set(_ name: String, _ value: String) {
        fingerprint ^= Self.fingerprint(name, value)
        if let index = all.firstIndex(where: { $0.name == name }) {
            fingerprint ^= Self.fingerprint(name, all[index].value)
            all[index].value = value
        } else {
            all.append((name, value))
        }
    }

    private static func fingerprint(_ name: String, _ value: String) -> Int {
        var hasher = Hasher()
        hasher.combine(name)
        hasher.combine(value)
        return hasher.finalize()
    }

    /// Notes the parameter of a ParameterStatus message's body.
    ///
    /// - Returns: the parameter, nil when the body is malformed.
    mutating func note(_ body: RawSpan) -> (name: String, value: String)? {
        guard let nameEnd = body.firstNull(from: 0), let valueEnd = body.firstNull(from: nameEnd + 1) else {
            return nil
        }
        let (name, value) = (body.string(0..<nameEnd), body.string(nameEnd + 1..<valueEnd))
        set(name, value)
        return (name, value)
    }

    /// A ParameterStatus for each.
    var messages: [UInt8] {
        all.reduce(into: []) { $0.appendParameterStatus(name: $1.name, value: $1.value) }
    }

    /// A parameter's latest value, nil when the server has not reported it.
    public subscript(name: String) -> String? {
        all.first { $0.name == name }?.value
    }
}
