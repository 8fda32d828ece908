extension Duration {
    /// Reads a whole number with PostgreSQL's units behind it (`ms`, `s`, `min`, `h`, `d`); nil for anything else.
    init?(setting text: String) {
        let units = ["ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let quantity = Quantity(text), let unit = units[quantity.unit] else { return nil }
        let (milliseconds, overflows) = quantity.number.multipliedReportingOverflow(by: unit)
        if overflows { return nil }
        self = .milliseconds(milliseconds)
    }

    /// As a file would say it, in the largest unit that divides it: `30s`.
    var setting: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)]
        guard milliseconds > 0, let unit = units.first(where: { milliseconds % $0.1 == 0 }) else {
            return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
        }
        return "\(milliseconds / unit.1)\(unit.0)"
    }
}

extension Duration: TOMLLeaf {
    static var kind: String { "a duration" }
    static var example: String { "\"30s\"" }
    static var placeholder: Duration { .zero }

    static func read(_ node: TOMLNode) -> LeafReading<Duration> {
        switch node {
        case .integer(let number): return .invalid("\(number) has no unit; write \"\(number)s\" or \"500ms\"")
        case .string(let text):
            if let duration = Duration(setting: text) { return .value(duration) }
            return .invalid("\"\(text)\" is not a duration; write a whole number and ms, s, min, h or d: \"30s\"")
        default: return .wrongKind
        }
    }
}
