/// What may stand in for a value that cannot be decoded until the rest of the file has been looked at.
///
/// Never reaches anybody who would act on it: whoever starts a pass throws its result away when the record has an error.
enum Placeholder {
    /// nil when nothing can be made up; decoding of the table around it then ends with this error.
    static func make<Value>(_ type: Value.Type) -> Value? {
        if let leaf = leafType(type) { return leaf.placeholder as? Value }
        if let empty = type as? any EmptyAtFirst.Type { return empty.init() as? Value }
        if let enumeration = type as? any CaseIterable.Type { return firstCase(enumeration) as? Value }
        return nil
    }

    /// The strings that an enumeration is written as in a file; nil when it is something else.
    static func permittedValues<Value>(_ type: Value.Type) -> [String]? {
        guard let enumeration = type as? any CaseIterable.Type else { return nil }
        let values = rawValues(enumeration)
        return values.isEmpty ? nil : values
    }

    private static func firstCase<Enumeration: CaseIterable>(_ type: Enumeration.Type) -> Any? {
        type.allCases.first
    }

    private static func rawValues<Enumeration: CaseIterable>(_ type: Enumeration.Type) -> [String] {
        type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    }
}

/// A collection that can be made with nothing in it.
protocol EmptyAtFirst {
    init()
}

extension Array: EmptyAtFirst {}
extension Set: EmptyAtFirst {}
extension Dictionary: EmptyAtFirst {}
