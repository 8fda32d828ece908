// What facts weigh, so that the cache can be bounded in bytes. Estimates, on the safe side for what clients can make big:
// names and literals.

extension InspectedText {
    /// An object's header, its properties, its place in the allocator.
    private static let bytesPerObject = 64

    var estimatedBytes: Int {
        var bytes = Self.bytesPerObject + (layout == nil ? 0 : 2 * TemplateLexer.maximumSlots)
        for statement in statements { bytes += Self.bytesPerObject + statement.facts.estimatedBytes }
        return bytes
    }
}

extension StatementFacts {
    /// The properties themselves, and the headers of arrays that are not empty.
    private static let bytesPerFacts = 512

    var estimatedBytes: Int {
        var bytes = Self.bytesPerFacts + kinds.count
        for call in calls {
            bytes += MemoryLayout<FunctionCall>.stride + call.name.estimatedHeapBytes
            for argument in call.arguments {
                bytes += MemoryLayout<Argument>.stride + (argument.name?.estimatedHeapBytes ?? 0)
                bytes += argument.value.estimatedHeapBytes
            }
        }
        for name in operators + collations { bytes += MemoryLayout<QualifiedName>.stride + name.estimatedHeapBytes }
        for type in types { bytes += MemoryLayout<TypeUse>.stride + type.name.estimatedHeapBytes }
        for relation in relations { bytes += MemoryLayout<RelationUse>.stride + relation.name.estimatedHeapBytes }
        for attribute in attributes { bytes += MemoryLayout<AttributeUse>.stride + attribute.name.estimatedHeapBytes }
        for setting in settings {
            bytes += MemoryLayout<SettingUse>.stride + setting.name.estimatedHeapBytes
            switch setting.action {
            case .set(let values), .setLocal(let values):
                for value in values { bytes += MemoryLayout<String>.stride + value.estimatedHeapBytes }
            case .reset, .resetAll, .show, .showAll:
                break
            }
        }
        for constant in constants { bytes += MemoryLayout<Constant>.stride + constant.value.estimatedHeapBytes }
        bytes += 2 * MemoryLayout<(Int, Int)>.stride * repeatedParameters.count
        bytes += 2 * MemoryLayout<Int>.stride * sparseParameters.count
        for types in parameterCasts.values {
            for type in types { bytes += 2 * MemoryLayout<TypeUse>.stride + type.name.estimatedHeapBytes }
        }
        if case .execute(_, let arguments) = preparedStatement {
            for argument in arguments { bytes += MemoryLayout<ArgumentValue>.stride + argument.estimatedHeapBytes }
        }
        return bytes
    }
}

extension ArgumentValue {
    fileprivate var estimatedHeapBytes: Int {
        switch self {
        case .constant, .parameter, .null, .boolean, .other:
            48
        case .array(let values):
            values.reduce(64) { $0 + MemoryLayout<ArgumentValue>.stride + $1.estimatedHeapBytes }
        case .cast(let value, let type):
            64 + MemoryLayout<TypeUse>.stride + type.name.estimatedHeapBytes + value.estimatedHeapBytes
        }
    }
}

extension QualifiedName {
    fileprivate var estimatedHeapBytes: Int {
        name.estimatedHeapBytes + (schema?.estimatedHeapBytes ?? 0) + (database?.estimatedHeapBytes ?? 0)
    }
}

extension String {
    /// Up to 15 bytes live in the string itself.
    fileprivate var estimatedHeapBytes: Int { utf8.count <= 15 ? 0 : utf8.count + 32 }
}
