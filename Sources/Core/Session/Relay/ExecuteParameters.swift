import PluginAPI
import SQLInspection

/// EXECUTE's arguments, as far as they are constants.
struct ExecuteParameters: ParameterSource {
    let arguments: [ArgumentValue]
    let constants: [String]
    let kinds: [Constant.Kind]
    /// The types that PREPARE declared.
    var types: [UInt32] = []

    var count: Int { arguments.count }

    func value(ofParameter number: Int) -> ParameterValue {
        guard arguments.indices.contains(number - 1) else { return .unknown }
        let type = number <= types.count ? types[number - 1] : 0
        switch arguments[number - 1] {
        case .constant(let index) where kinds[index] == .string:
            return .text(constants[index], type: type)
        case .constant(let index) where kinds[index] != .bitString && (type == 0 || TypeUse.numberOIDs.contains(type)):
            return .text(constants[index], type: TypeUse.numericOID)
        case .cast(.constant(let index), let cast) where kinds[index] == .string && cast.keepsText:
            return .text(constants[index], type: type)
        case .null, .cast(.null, _):
            return .null
        default:
            return .unknown
        }
    }
}

extension TypeUse {
    /// Whether a string cast to this type is still that string: no modifier cuts it, no input function rewrites it.
    fileprivate var keepsText: Bool {
        guard !isArray, !isSet, !hasModifier, name.database == nil,
            name.schema == nil || name.schema == "pg_catalog"
        else { return false }
        return ["text", "varchar", "json", "jsonb"].contains(name.name)
    }

    static let numericOID: UInt32 = 1700
    static let numberOIDs: Set<UInt32> = [20, 21, 23, 700, 701, numericOID]
    /// OIDs of PostgreSQL's pg_type.dat, which never change: the type, and its array type.
    private static let plainOIDs: [String: (scalar: UInt32, array: UInt32)] = [
        "text": (25, 1009), "varchar": (1043, 1015), "json": (114, 199), "jsonb": (3802, 3807), "bool": (16, 1000),
        "int2": (21, 1005), "int4": (23, 1007), "int8": (20, 1016), "float4": (700, 1021), "float8": (701, 1022),
        "numeric": (numericOID, 1231),
    ]
    /// No type has it, so that no plugin takes it for one it knows.
    private static let unknownOID = UInt32.max

    /// The OID that stands for this type among a statement's parameter types.
    var parameterOID: UInt32 {
        guard !isSet, name.database == nil, name.schema == nil || name.schema == "pg_catalog",
            let type = Self.plainOIDs[name.name]
        else { return Self.unknownOID }
        return isArray ? type.array : type.scalar
    }
}
