import PluginAPI

/// The lists that `@name` stands for, after each file has had its say.
struct ValueLists {
    /// By name, each with the lists it refers to still by name.
    private var lists: [String: [String]] = [:]

    init(_ files: [PolicyFile]) throws {
        for file in files {
            for (name, values) in file.configuration.lists ?? [:] {
                // A list that names itself keeps what it was.
                let before = lists[name]
                lists[name] = try values.flatMap { value in
                    guard value == "@" + name else { return [value] }
                    guard let before else { throw file.error(at: ["lists", name], "no profile has this list") }
                    return before
                }
            }
        }
        try checkForUnknownNames(files)
        try checkForListsNeverUsed(files)
        for file in files {
            for name in (file.configuration.lists ?? [:]).keys {
                _ = try expand(["@" + name]) {
                    file.error(at: ["lists", name], "there is no list @\($0), or it holds itself")
                }
            }
        }
    }

    /// A name that no list has is told where it is written, not where it is used.
    private func checkForUnknownNames(_ files: [PolicyFile]) throws {
        for file in files {
            for (name, values) in file.configuration.lists ?? [:] {
                for value in values where value.hasPrefix("@") && lists[String(value.dropFirst())] == nil {
                    throw file.error(at: ["lists", name], "there is no list \(value); \(remedy(Array(lists.keys)))")
                }
            }
        }
    }

    /// A mistyped name would leave the profile's list as it is, and its author believing in another one.
    private func checkForListsNeverUsed(_ files: [PolicyFile]) throws {
        var used: Set<String> = []
        for file in files {
            for (name, values) in file.configuration.lists ?? [:] {
                used.formUnion(values.filter { $0 != "@" + name })
            }
            for call in file.configuration.calls ?? [] {
                for argument in call.arguments ?? [] { used.formUnion(argument.listsNamed) }
            }
        }
        for file in files where file.profile == nil {
            for name in (file.configuration.lists ?? [:]).keys.sorted() where !used.contains("@" + name) {
                let known = used.filter { $0.hasPrefix("@") }.map { String($0.dropFirst()) }
                throw file.error(at: ["lists", name], "no rule names @\(name), so it does nothing; \(remedy(known))")
            }
        }
    }

    private func remedy(_ names: [String]) -> String {
        names.isEmpty ? "remove it" : "write one of \(names.sorted().joined(separator: ", "))"
    }

    /// The values with every `@name` put in its place.
    ///
    /// - Parameter undefined: makes the error for a name that no list has.
    func expand(_ values: [String], undefined: (String) -> PluginConfigurationError) throws -> [String] {
        try expand(values, within: [], undefined: undefined)
    }

    private func expand(
        _ values: [String],
        within open: [String],
        undefined: (String) -> PluginConfigurationError
    ) throws -> [String] {
        try values.flatMap { value in
            guard value.hasPrefix("@") else { return [value] }
            let name = String(value.dropFirst())
            guard let list = lists[name], !open.contains(name) else { throw undefined(name) }
            return try expand(list, within: open + [name], undefined: undefined)
        }
    }
}
