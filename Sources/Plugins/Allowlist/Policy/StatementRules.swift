import PluginAPI
import SQLInspection

/// Which kinds of statement may be sent.
struct StatementRules {
    let allowed: Set<StatementKind>

    func denial(of facts: StatementFacts) -> Denial? {
        for kind in facts.kinds where kind != .unknown && !allowed.contains(kind) {
            return Denial(
                "statement \(kind.rawValue) is not allowed",
                rule: "statements",
                hint: "Add \"\(kind.rawValue)\" to `statements`, if this client may send it."
            )
        }
        if let undecided = facts.undecided {
            return Denial(
                "statement is not allowed: \(undecided.reason) (\(undecided.node))",
                rule: "statements",
                hint: "The gateway cannot answer for what this statement does; no key admits it."
            )
        }
        if facts.kinds.contains(.unknown) {
            return Denial(
                "statement is not allowed: its kind is not known",
                rule: "statements",
                hint: "The gateway cannot answer for what this statement does; no key admits it."
            )
        }
        // Its parameters would be judged by nobody: only an EXECUTE of its own is followed by a Bind event.
        if facts.kinds.dropFirst().contains(.execute) {
            return Denial(
                "statement EXECUTE is not allowed inside \(facts.kinds[0].rawValue)",
                rule: "statements",
                hint: "Send EXECUTE by itself."
            )
        }
        if facts.kinds.contains(where: { $0 == .copyFrom || $0 == .copyTo }), facts.copy == nil {
            return Denial(
                "COPY with a file or a program is not allowed",
                rule: "statements",
                hint: "Use COPY … FROM STDIN or COPY … TO STDOUT."
            )
        }
        return nil
    }
}
