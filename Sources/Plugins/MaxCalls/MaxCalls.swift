public import PluginAPI
import SQLInspection

/// The plugin `max-calls`: how often one statement may call a function.
public struct MaxCalls: StatementDecider {
    /// `kind = "max-calls"`.
    public static let kind = "max-calls"

    /// The keys of its file.
    public struct Configuration: Decodable, Sendable {
        /// A function without its schema, and how many calls of it one statement may hold.
        var functions: [String: Int]
    }

    private let limits: [String: Int]

    /// Takes the limits as the file has them.
    public init(configuration: Configuration, context: PluginContext) throws {
        limits = configuration.functions
        if limits.isEmpty {
            throw PluginConfigurationError(at: ["functions"], "limits nothing; write at least one, such as embed = 1")
        }
        for (name, limit) in limits where limit < 1 {
            throw PluginConfigurationError(at: ["functions", name], "is \(limit); write 1 or more")
        }
    }

    /// Counts the calls of each function in every schema: `x.f` may be a call too.
    public func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        let facts = event.facts
        if let undecided = facts.undecided {
            return .deny(Denial("\(undecided)", rule: "functions", hint: "Write it as a statement that can be read."))
        }
        var counts: [String: Int] = [:]
        let calls = facts.calls.map { ($0.name.name, Optional($0.offset)) } + facts.attributes.map { ($0.name, nil) }
        for (name, offset) in calls {
            guard let limit = limits[name] else { continue }
            counts[name, default: 0] += 1
            guard counts[name, default: 0] > limit else { continue }
            let message = "a statement may not call \(name) more than \(limit) time\(limit == 1 ? "" : "s")"
            return .deny(Denial(message, rule: "functions", hint: "Raise `\(name)` in [functions].", offset: offset))
        }
        return .forward
    }
}
