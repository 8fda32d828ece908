/// What kind of thing a setting's name names.
enum SettingName: Equatable {
    /// A setting with a value that the session keeps: its name as PostgreSQL 15 knows it, in lower case.
    case value(String)
    /// It ends with the transaction however it is set.
    case transaction
    /// Its value cannot be read back.
    case randomSeed
    case role

    /// A name in any case, old names among them (guc.c, map_old_guc_names).
    init(_ name: String) {
        switch SettingName.folded(name) {
        case "transaction_isolation", "transaction_read_only", "transaction_deferrable", "transaction_snapshot":
            self = .transaction
        case "seed": self = .randomSeed
        case "role", "session_authorization": self = .role
        case "sort_mem": self = .value("work_mem")
        case "vacuum_mem": self = .value("maintenance_work_mem")
        case let name: self = .value(name)
        }
    }

    /// The name in lower case, as PostgreSQL compares them: ASCII only.
    static func folded(_ name: String) -> String {
        guard name.utf8.contains(where: { isUpper($0) }) else { return name }
        return String(decoding: name.utf8.map { isUpper($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private static func isUpper(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }
}
