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

    /// The element types of array types, by the array's OID.
    static let elements: [UInt32: UInt32] = [
        199: json, 1000: bool, 1005: int2, 1007: int4, 1009: text, 1015: varchar, 1016: int8, 3807: jsonb,
    ]
}
