import PluginAPI
import SQLInspection

/// Finds out what an argument's value is, as far as the text and the parameters tell.
enum ArgumentReader {
    enum Result: Equatable {
        case known(KnownValue)
        /// Known once these parameters have arrived.
        case pending(Set<Int>)
        /// A column, an expression, or a form that is not read.
        case unknowable
    }

    static func read<Source: ArgumentSource & ~Copyable>(
        _ argument: ArgumentValue,
        of facts: StatementFacts,
        for rule: ValueRule,
        from source: borrowing Source
    ) -> Result {
        switch argument {
        case .null: return .known(.null)
        case .boolean: return .known(.boolean)
        case .constant(let index):
            guard facts.constants.indices.contains(index), facts.constants[index].kind != .bitString else {
                return .unknowable
            }
            let reading: KnownValue.Reading = facts.constants[index].kind == .string ? .unknown : .converted
            return .known(.text(source.value(ofConstant: index), as: reading))
        case .parameter(let number):
            guard let value = source.arrived(parameter: number) else { return .pending([number]) }
            return read(value, for: rule)
        case .array(let elements):
            var values: [KnownValue] = []
            var pending: Set<Int> = []
            for element in elements {
                switch read(element, of: facts, for: rule.element, from: source) {
                case .known(let value): values.append(value)
                case .pending(let parameters): pending.formUnion(parameters)
                case .unknowable: return .unknowable
                }
            }
            return pending.isEmpty ? .known(.array(values)) : .pending(pending)
        case .cast(let inner, let type):
            return cast(read(inner, of: facts, for: rule, from: source), to: type)
        case .other: return .unknowable
        }
    }

    private static func read(_ value: ParameterValue, for rule: ValueRule) -> Result {
        let known: KnownValue? =
            switch value {
            case .null: .null
            case .text(let text, let type): read(text, type: type, for: rule)
            case .binary(let bytes, TypeOID.inferred), .binary(let bytes, TypeOID.unknown):
                BinaryValue.readInferred(bytes, expected: rule)
            case .binary(let bytes, let type): BinaryValue.read(bytes, type: type)
            case .unknown: nil
            }
        return known.map(Result.known) ?? .unknowable
    }

    /// A text goes through the input function of the type that was declared for it.
    private static func read(_ text: String, type: UInt32, for rule: ValueRule) -> KnownValue? {
        if let element = TypeOID.elements[type] {
            guard rule.isArray, let reading = TypeOID.reading(of: element), let elements = ArrayLiteral.read(text)
            else {
                return nil
            }
            return .array(elements.map { $0.map { .text($0, as: reading) } ?? .null })
        }
        return TypeOID.reading(of: type).map { .text(text, as: $0) }
    }

    /// A cast leaves a value what it is, or makes it unknowable: a type modifier may cut it, a type of somebody's own
    /// may turn it into anything.
    private static func cast(_ result: Result, to type: TypeUse) -> Result {
        guard type.name.database == nil, type.name.schema == nil || type.name.schema == Catalog.schema,
            !type.hasModifier, !type.isSet
        else { return .unknowable }
        let reading: KnownValue.Reading
        switch type.name.name {
        case "text", "varchar": reading = .text
        case "json", "jsonb": reading = .json
        // They can only fail or round: a number rule's bounds are whole numbers.
        case "int2", "int4", "int8", "float4", "float8", "numeric", "bool", "regclass": reading = .converted
        default: return .unknowable
        }
        guard case .known(let value) = result else { return result }
        return cast(value, to: reading, isArray: type.isArray).map(Result.known) ?? .unknowable
    }

    private static func cast(_ value: KnownValue, to reading: KnownValue.Reading, isArray: Bool) -> KnownValue? {
        switch value {
        case .null, .boolean: return value
        // jsonb or a number made into something else again is not the text that was written.
        case .text(let text, let before):
            if before == .json || before == .converted, reading != before { return nil }
            guard isArray else { return .text(text, as: reading) }
            guard let elements = ArrayLiteral.read(text) else { return nil }
            return .array(elements.map { $0.map { .text($0, as: reading) } ?? .null })
        case .array(let elements):
            guard isArray else { return nil }
            let cast = elements.compactMap { Self.cast($0, to: reading, isArray: false) }
            return cast.count == elements.count ? .array(cast) : nil
        }
    }
}
