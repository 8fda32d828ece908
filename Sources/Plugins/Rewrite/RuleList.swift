import Patterns
import PluginAPI

/// The rules of one file in their order, and the bounds of their work.
struct RuleList: Sendable {
    private let rules: [Rule]
    private let searcher: Searcher
    /// Longer texts are not made: no statement that long is read on a reactor.
    private static let longestText = 1 << 20

    init(_ rules: [Rule], limits: MatchLimits) {
        self.rules = rules
        searcher = Searcher(rules.map(\.pattern), limits: limits)
    }

    /// Whether any rule is for this session.
    func apply(to session: SessionIdentity) -> Bool { rules.contains { $0.applies(to: session) } }

    enum Outcome {
        case unchanged
        case changed(EditedText)
        case refused(rule: String, RefusedBecause)
    }

    enum RefusedBecause {
        case limit(MatchLimits.Exceeded)
        case length
    }

    /// What the rules make of a statement.
    func outcome(for text: String, of session: SessionIdentity) -> Outcome {
        var edited = EditedText(text)
        var isChanged = false
        var current = ""
        do throws(MatchLimits.Exceeded) {
            return try searcher.search { search throws(MatchLimits.Exceeded) in
                for rule in rules where rule.applies(to: session) {
                    current = rule.name
                    let edits = try search.edits(rule.pattern, rule.replacement, in: edited.text)
                    guard !edits.isEmpty else { continue }
                    edited.apply(edits.map { EditedText.Edit(range: $0.range, text: $0.text) })
                    isChanged = true
                    guard edited.text.utf8.count <= Self.longestText else {
                        return .refused(rule: rule.name, .length)
                    }
                    if rule.stops { break }
                }
                // Rules may find what they put there themselves, and what is already as they want it.
                return isChanged && edited.text != text ? .changed(edited) : .unchanged
            }
        } catch {
            return .refused(rule: current, .limit(error))
        }
    }
}
