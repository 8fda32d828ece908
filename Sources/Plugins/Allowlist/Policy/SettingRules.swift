import PluginAPI
import SQLInspection

/// Which settings may be set, reset and shown, and to what.
struct SettingRules {
    enum Access: String, CaseIterable {
        case set, reset, show
    }

    struct Rule {
        let access: Set<Access>
        let patterns: [Pattern]
        let range: ClosedRange<Int>?

        func admits(_ value: String) -> Bool {
            if patterns.contains(where: { $0.matches(value) }) { return true }
            // PostgreSQL reads a leading zero as octal.
            guard let range, let number = Int(value), String(number) == value else { return false }
            return range.contains(number)
        }
    }

    static let searchPath: ExactString = "search_path"
    /// Stands for all settings in RESET ALL and SHOW ALL.
    static let all: ExactString = "all"

    /// By the setting's name. Several rules for one setting add up.
    let rules: [ExactString: [Rule]]
    let path: SearchPath

    enum Outcome {
        case admitted
        /// Admitted in this form.
        case rewritten(String)
        case denied(Denial)
    }

    func judge(_ facts: StatementFacts) -> Outcome {
        for use in facts.settings {
            let name = ExactString(use.name)
            let denial: Denial? =
                switch use.action {
                case .set(let values), .setLocal(let values):
                    name == Self.searchPath ? nil : self.denial(setting: name, to: values.joined(separator: ", "))
                case .reset: name == Self.searchPath ? nil : self.denial(of: .reset, name)
                case .show: name == Self.searchPath ? nil : self.denial(of: .show, name)
                case .resetAll: self.denial(of: .reset, Self.all)
                case .showAll: self.denial(of: .show, Self.all)
                }
            if let denial { return .denied(denial) }
            if name == Self.searchPath, let outcome = judgePath(use, isAlone: facts.settings.count == 1) {
                return outcome
            }
        }
        return .admitted
    }

    /// Why a startup parameter is refused, nil when it passes.
    func denial(ofStartup parameter: StartupParameter) -> Denial? {
        denial(setting: ExactString(parameter.name.lowercased()), to: parameter.value)
    }

    func pathDenial() -> Denial {
        Denial(
            "search_path may name no schema but pg_catalog, pg_temp and those of the policy",
            rule: "schemas",
            hint: "Write names with their schema, or list the schema in `schemas`."
        )
    }

    private func judgePath(_ use: SettingUse, isAlone: Bool) -> Outcome? {
        let values: [String]
        let isLocal: Bool
        switch use.action {
        case .set(let names): (values, isLocal) = (names, false)
        case .setLocal(let names): (values, isLocal) = (names, true)
        default: return nil
        }
        guard !values.isEmpty, let permitted = path.permitted(values), isAlone else { return .denied(pathDenial()) }
        if permitted.elementsEqual(values, by: { ExactString($0) == ExactString($1) }) { return nil }
        return .rewritten(SearchPath.statement(settingTo: permitted, isLocal: isLocal))
    }

    private func denial(setting name: ExactString, to value: String) -> Denial? {
        if rules[name]?.contains(where: { $0.access.contains(.set) && $0.admits(value) }) == true { return nil }
        guard rules[name]?.contains(where: { $0.access.contains(.set) }) == true else { return denial(of: .set, name) }
        return Denial(
            "setting \(name.value) may not be set to this value",
            rule: "settings: \(name.value)",
            hint: "Add the value to the [[settings]] rule of \(name.value), if this client may set it so."
        )
    }

    private func denial(of access: Access, _ name: ExactString) -> Denial? {
        if rules[name]?.contains(where: { $0.access.contains(access) }) == true { return nil }
        let what =
            switch access {
            case .set: "set"
            case .reset: "reset"
            case .show: "shown"
            }
        return Denial(
            "setting \(Quoted.name(name.value)) may not be \(what)",
            rule: "settings",
            hint: SettingRuleReader.reserved[name.value].map { "No key admits it: \($0)." }
                ?? "Add a [[settings]] rule with `access = [\"\(access.rawValue)\"]`, if this client may have it."
        )
    }
}
