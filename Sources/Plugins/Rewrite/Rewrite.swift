import Patterns
public import PluginAPI
import PostgresWire

/// The plugin `rewrite`: replaces what patterns find in statements. It never allows anything: the plugins after it judge
/// what it has made.
public struct Rewrite: StatementRewriter {
    /// `kind = "rewrite"`.
    public static let kind = "rewrite"

    private let rules: RuleList

    /// Compiles the rules and runs their tests.
    ///
    /// - Throws: `PluginConfigurationError` for a pattern that is none, a limit out of range, a test that fails.
    public init(configuration: RewriteConfiguration, context: PluginContext) throws {
        let configured = configuration.rule ?? []
        guard !configured.isEmpty else {
            throw PluginConfigurationError(
                at: ["rule"],
                "there is no [[rule]], so that nothing would ever be rewritten"
            )
        }
        var names: Set<String> = []
        var rules: [Rule] = []
        for (index, rule) in configured.enumerated() {
            let path = ["rule", "\(index)"]
            rules.append(try Rule(rule, at: path))
            guard names.insert(rule.name).inserted else {
                throw PluginConfigurationError(at: path + ["name"], "another rule is called \"\(rule.name)\" already")
            }
        }
        self.rules = RuleList(rules, limits: try Self.limits(configuration.limits))
        for (index, rule) in configured.enumerated() {
            for (number, test) in (rule.test ?? []).enumerated() {
                guard let (key, message) = RuleTest(test, of: rule).problem(with: self.rules) else { continue }
                throw PluginConfigurationError(
                    at: ["rule", "\(index)", "test", "\(number)", key],
                    "test of rule \"\(rule.name)\": \(message)"
                )
            }
        }
    }

    private static func limits(_ configuration: LimitsConfiguration?) throws -> MatchLimits {
        let standard = MatchLimits()
        func value(_ key: String, _ value: Int?, _ range: ClosedRange<Int>, _ standard: UInt32) throws -> UInt32 {
            guard let value else { return standard }
            guard range ~= value else {
                throw PluginConfigurationError(
                    at: ["limits", key],
                    "\(value) is out of range; write something from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return UInt32(value)
        }
        return MatchLimits(
            match: try value("match", configuration?.match, 100...10_000_000, standard.match),
            depth: try value("depth", configuration?.depth, 100...10_000_000, standard.depth),
            heap: try value("heap_kib", configuration?.heap, 32...65_536, standard.heap),
            time: .milliseconds(try value("time_ms", configuration?.time, 1...1000, 10))
        )
    }

    /// Replaces what the rules for this session find.
    public func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        guard rules.apply(to: event.session) else { return .forward }
        switch rules.outcome(for: event.text, of: event.session) {
        case .unchanged: return .forward
        case .changed(let edited): return .edit(edited)
        case .refused(let rule, let reason): return .deny(Denial(rule: rule, reason))
        }
    }
}

extension Denial {
    /// A rule could not be applied within its limits.
    fileprivate init(rule: String, _ reason: RuleList.RefusedBecause) {
        let words =
            switch reason {
            case .limit(.match): "tries too many ways to match (limits.match)"
            case .limit(.depth): "goes too deep (limits.depth)"
            case .limit(.heap): "has too much to remember (limits.heap_kib)"
            case .limit(.time): "takes too long (limits.time_ms)"
            case .limit(.other(let number)): "fails with PCRE2's error \(number)"
            case .length: "makes the statement too long"
            }
        self.init(
            "a rule that rewrites statements \(words)",
            rule: rule,
            hint: "Write the pattern so that it cannot go back, with possessive quantifiers, or raise the limit.",
            sqlState: .configurationLimitExceeded
        )
    }
}
