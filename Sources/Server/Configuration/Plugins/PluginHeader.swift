import PluginAPI

/// The keys that every plugin file has in common; the others are the plugin's own.
struct PluginHeader: Decodable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, mode, enabled, users, databases, applications, addresses
        case onFailure = "on_failure"
    }

    /// nil when missing.
    let kind: String?
    let isEnabled: Bool
    let isReport: Bool
    let scope: PluginScope

    init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        kind = try table.decodeIfPresent(String.self, forKey: .kind)
        isEnabled = try table.decodeIfPresent(Bool.self, forKey: .enabled) ?? true
        let mode = try table.decodeIfPresent(String.self, forKey: .mode) ?? "enforce"
        isReport = mode == "report"
        if !isReport, mode != "enforce" {
            table.refuse(.mode, "\"\(mode)\" is not known here; write \"enforce\" or \"report\"")
        }
        try table.requireOnly("deny", at: .onFailure, insteadOf: ["forward"])

        var scope = PluginScope()
        scope.users = try table.scope(.users)
        scope.databases = try table.scope(.databases)
        scope.applications = try table.scope(.applications)
        scope.addresses = try table.addresses(.addresses)
        self.scope = scope
    }
}

extension KeyedDecodingContainer {
    /// A key for which this release knows one value only.
    fileprivate func requireOnly(_ value: String, at key: Key, insteadOf planned: Set<String>) throws {
        guard let text = try decodeIfPresent(String.self, forKey: key), text != value else { return }
        let found = planned.contains(text) ? "\"\(text)\" is not there yet" : "\"\(text)\" is not known here"
        refuse(key, "\(found); write \(key.stringValue) = \"\(value)\" or leave it out")
    }

    fileprivate func scope(_ key: Key) throws -> Set<String>? {
        let names = try decodeIfPresent([String].self, forKey: key)
        refuseIfEmpty(names, key)
        return names.map { Set($0) }
    }

    fileprivate func addresses(_ key: Key) throws -> [AddressRange]? {
        let ranges = try decodeIfPresent([AddressRange].self, forKey: key)
        refuseIfEmpty(ranges, key)
        return ranges
    }

    private func refuseIfEmpty<Element>(_ elements: [Element]?, _ key: Key) {
        guard elements?.isEmpty == true else { return }
        refuse(key, "is empty, so that the plugin would never run; write at least one, or remove the key")
    }
}
