import PluginAPI

/// The lists that `@name` stands for, after each file has had its say.
struct ValueLists {
    private var lists: [String: [String]] = [:]

    init(_ files: [PolicyFile]) throws {
        for file in files {
            let before = lists
            for (name, values) in file.configuration.lists ?? [:] {
                lists[name] = try values.enumerated().flatMap { index, value in
                    try Self.expand(value, in: before) {
                        file.error(at: ["lists", name, String(index)], "the profiles have no list called \($0)")
                    }
                }
            }
        }
    }

    /// The values with every `@name` put in its place.
    func expand(_ values: [String], undefined: (String) -> PluginConfigurationError) throws -> [String] {
        try values.flatMap { try Self.expand($0, in: lists, undefined: undefined) }
    }

    private static func expand(
        _ value: String,
        in lists: [String: [String]],
        undefined: (String) -> PluginConfigurationError
    ) throws -> [String] {
        guard value.hasPrefix("@") else { return [value] }
        let name = String(value.dropFirst())
        guard let values = lists[name] else { throw undefined(name) }
        return values
    }
}
