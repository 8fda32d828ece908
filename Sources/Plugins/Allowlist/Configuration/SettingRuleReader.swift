import PluginAPI

/// Makes setting rules out of what a file says.
struct SettingRuleReader {
    let file: PolicyFile

    /// What the gateway itself holds on to: a policy that gave it away would not be one.
    static let reserved = [
        "search_path": "the path is pinned to pg_catalog and `schemas`",
        "role": "a session stays who it is",
        "session_authorization": "a session stays who it is",
        "session_preload_libraries": "it loads code",
        "local_preload_libraries": "it loads code",
        "backslash_quote": "it changes how text is read",
    ]

    func rule(from setting: SettingConfiguration, at key: [String]) throws -> SettingRules.Rule {
        guard setting.name == setting.name.lowercased(), !setting.name.isEmpty else {
            throw file.error(at: key + ["name"], "write the setting's name in lower case")
        }
        if let reason = Self.reserved[setting.name] {
            throw file.error(at: key + ["name"], "\(setting.name) cannot be given to clients: \(reason)")
        }
        let access = try (setting.access ?? SettingRules.Access.allCases.map(\.rawValue)).enumerated().map {
            index,
            word in
            guard let access = SettingRules.Access(rawValue: word) else {
                throw file.error(at: key + ["access", String(index)], "write one of set, reset, show")
            }
            return access
        }
        let takesValues = setting.values != nil || setting.min != nil || setting.max != nil
        if setting.access?.contains("set") == true && !takesValues {
            throw file.error(at: key, "write `values`, or `min` and `max`: with neither nothing can be set")
        }
        if takesValues && !access.contains(.set) {
            throw file.error(at: key, "`values`, `min` and `max` say what may be set, and `access` has no \"set\"")
        }
        var range: ClosedRange<Int>?
        if setting.min != nil || setting.max != nil {
            let (low, high) = (setting.min ?? .min, setting.max ?? .max)
            guard low <= high else { throw file.error(at: key + ["min"], "is greater than max") }
            range = low...high
        }
        return SettingRules.Rule(
            access: Set(access).subtracting(takesValues ? [] : [.set]),
            patterns: (setting.values ?? []).map { Pattern($0, ignoresCase: true) },
            range: range
        )
    }
}
