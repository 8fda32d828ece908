/// One SQL statement of an errand, and what its rows answer.
///
/// The text is right under any settings of the session it meets: names and operators are qualified, and what did not come
/// from here is an `E'…'` literal of ASCII alone, which `standard_conforming_strings`, `backslash_quote` and
/// `client_encoding` read alike. Values come back as ASCII too, in bytea's escape format.
struct ErrandStatement {
    enum Answer {
        /// Rows, if any, say nothing.
        case nothing
        /// One row: the values of these settings.
        case values([String])
        /// A row for each setting: name and value.
        case all
        /// One row: whether each of these is there.
        case pins([PinReasons])
    }

    let text: String
    let answer: Answer

    private init(_ text: String, answering answer: Answer = .nothing) {
        self.text = text
        self.answer = answer
    }

    /// The statements for these parts, in their order.
    static func all(for parts: [ServerErrand.Part]) -> [ErrandStatement] {
        if parts == [.discardAll] { return [ErrandStatement("DISCARD ALL")] }
        return parts.flatMap(statements)
    }

    private static func statements(for part: ServerErrand.Part) -> [ErrandStatement] {
        switch part {
        case .rollback: [ErrandStatement("ROLLBACK")]
        case .ask(let names): chunks(of: names).map(asking)
        case .askAll: [everySetting]
        case .probe(let reasons, let loginUser): probing(reasons, loginUser).map { [$0] } ?? []
        case .reset(let names): chunks(of: names).map { changing($0.map { (name: $0, value: nil) }) }
        case .resetAll: [ErrandStatement("RESET ALL")]
        case .set(let settings): chunks(of: settings).map { changing($0.map { (name: $0.name, value: $0.value) }) }
        case .discardSequences: [ErrandStatement("DISCARD SEQUENCES")]
        case .discardAll: discardAll.map { ErrandStatement($0) }
        }
    }

    // MARK: Settings

    /// So few in one row that it stays well below the longest message read.
    private static let settingsInOneRow = 50

    private static func chunks<Element>(of all: [Element]) -> [[Element]] {
        stride(from: 0, to: all.count, by: settingsInOneRow).map {
            Array(all[$0..<min($0 + settingsInOneRow, all.count)])
        }
    }

    private static func asking(for names: [String]) -> ErrandStatement {
        let columns = names.map { inASCII("pg_catalog.current_setting(\($0.sqlLiteral), true)") }
        return ErrandStatement("SELECT \(columns.joined(separator: ", "))", answering: .values(names))
    }

    /// `pg_settings.setting` is in base units, unlike `current_setting`.
    private static let everySetting = ErrandStatement(
        """
        SELECT \(inASCII("s.name")), \(inASCII("pg_catalog.current_setting(s.name, true)")) FROM pg_catalog.pg_show_all_settings() AS s \
        WHERE s.source OPERATOR(pg_catalog.=) 'session'::pg_catalog.text
        """,
        answering: .all
    )

    private static func inASCII(_ value: String) -> String {
        "pg_catalog.encode(pg_catalog.convert_to(\(value), 'UTF8'::pg_catalog.name), 'escape'::pg_catalog.text)"
    }

    /// `set_config` with NULL is RESET for names of any length and letters.
    private static func changing(_ settings: [(name: String, value: String?)]) -> ErrandStatement {
        let columns = settings.map { name, value in
            // The value comes back, and might not fit client_encoding.
            "pg_catalog.set_config(\(name.sqlLiteral), \(value?.sqlLiteral ?? "NULL"), false) IS NULL"
        }
        return ErrandStatement("SELECT \(columns.joined(separator: ", "))")
    }

    /// What DISCARD ALL does (PostgreSQL documentation, DISCARD).
    private static let discardAll = [
        "CLOSE ALL", "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL", "DEALLOCATE ALL", "UNLISTEN *",
        "SELECT pg_catalog.pg_advisory_unlock_all()", "DISCARD PLANS", "DISCARD TEMP", "DISCARD SEQUENCES",
    ]

    // MARK: Pins

    /// nil when nobody can be asked about any of them.
    private static func probing(_ reasons: PinReasons, _ loginUser: String) -> ErrandStatement? {
        let asked = probes(loginUser).filter { reasons.contains($0.reason) }
        guard !asked.isEmpty else { return nil }
        return ErrandStatement(
            "SELECT \(asked.map(\.condition).joined(separator: ", "))",
            answering: .pins(asked.map(\.reason))
        )
    }

    /// The reasons that the server can tell of, each with the condition under which it is there.
    private static func probes(_ loginUser: String) -> [(reason: PinReasons, condition: String)] {
        [
            (
                // Everything in a schema depends on it, whatever its kind; DROP finds it in the same way.
                .temporaryObjects,
                """
                EXISTS (SELECT FROM pg_catalog.pg_depend AS d \
                WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass::pg_catalog.oid \
                AND d.refobjid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                """
            ),
            (.listens, "EXISTS (SELECT FROM pg_catalog.pg_listening_channels())"),
            (
                .advisoryLocks,
                """
                EXISTS (SELECT FROM pg_catalog.pg_lock_status() AS l \
                WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory'::pg_catalog.text \
                AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() AND l.granted)
                """
            ),
            (.heldCursors, "EXISTS (SELECT FROM pg_catalog.pg_cursor() AS c WHERE c.is_holdable)"),
            (
                .role,
                """
                pg_catalog.current_setting('role'::pg_catalog.text) OPERATOR(pg_catalog.<>) 'none'::pg_catalog.text \
                OR session_user::pg_catalog.text OPERATOR(pg_catalog.<>) \(loginUser.sqlLiteral)::pg_catalog.text
                """
            ),
            (
                .preparedStatements,
                "EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() AS p WHERE p.from_sql)"
            ),
        ]
    }
}

extension String {
    /// The string as an SQL literal: what is not printable ASCII is escaped, so that no setting, encoding or search_path
    /// reads it otherwise. A NUL, which no value of PostgreSQL's can have, is left out.
    var sqlLiteral: String {
        var literal = "E'"
        for scalar in unicodeScalars where scalar.value != 0 {
            switch scalar {
            case "'": literal += "''"
            case "\\": literal += "\\\\"
            case " "..."~": literal.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                literal += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            }
        }
        return literal + "'"
    }
}

extension StringProtocol {
    /// The string as a quoted SQL identifier.
    var quotedIdentifier: String {
        "\"" + split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension String {
    /// The string that bytea's escape format spells (PostgreSQL documentation, encode): `\\` is a backslash and `\303` a
    /// byte. nil when it is not of that format.
    var unescapedBytea: String? {
        guard utf8.contains(UInt8(ascii: "\\")) else { return self }
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            if rest.first == byte {
                bytes.append(byte)
                rest = rest.dropFirst()
                continue
            }
            let digits = rest.prefix(3)
            guard digits.count == 3, let escaped = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) else {
                return nil
            }
            bytes.append(escaped)
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
