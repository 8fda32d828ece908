/// The types whose binary form is read: OIDs of PostgreSQL's pg_type.dat, which never change.
enum TypeOID {
    static let inferred: UInt32 = 0
    static let bool: UInt32 = 16
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let json: UInt32 = 114
    static let unknown: UInt32 = 705
    static let varchar: UInt32 = 1043
    static let jsonb: UInt32 = 3802
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let numeric: UInt32 = 1700

    /// The element types of array types, by the array's OID.
    static let elements: [UInt32: UInt32] = [
        199: json, 1000: bool, 1005: int2, 1007: int4, 1009: text, 1015: varchar, 1016: int8, 1021: float4,
        1022: float8,
        1231: numeric, 3807: jsonb,
    ]

    /// How the server reads a value of this type, nil where it may make anything of it.
    static func reading(of type: UInt32) -> KnownValue.Reading? {
        switch type {
        case inferred, unknown: .unknown
        case text, varchar: .text
        case json, jsonb: .json
        case bool, int2, int4, int8, float4, float8, numeric: .converted
        default: nil
        }
    }
}
