import Testing

@testable import SQLInspection

@Suite("Settings in all their spellings")
struct SettingTests {
    static let forms: [(sql: String, uses: [SettingUse])] = [
        ("SET a = 1", [.init(name: "a", action: .set(values: ["1"]))]),
        ("SET A TO 'x'", [.init(name: "a", action: .set(values: ["x"]))]),
        (
            "SET \"Search_Path\" = A, \"B\", 'c d'",
            [.init(name: "search_path", action: .set(values: ["a", "B", "c d"]))]
        ),
        ("SET SESSION a = -1.5", [.init(name: "a", action: .set(values: ["-1.5"]))]),
        ("SET LOCAL a = on", [.init(name: "a", action: .setLocal(values: ["on"]))]),
        ("SET a = true", [.init(name: "a", action: .set(values: ["true"]))]),
        ("SET My.Own = 'x'", [.init(name: "my.own", action: .set(values: ["x"]))]),
        ("SET a TO DEFAULT", [.init(name: "a", action: .reset)]),
        ("SET LOCAL a = DEFAULT", [.init(name: "a", action: .reset)]),
        ("RESET A", [.init(name: "a", action: .reset)]), ("RESET ALL", [.init(name: "", action: .resetAll)]),
        ("SHOW A", [.init(name: "a", action: .show)]), ("SHOW ALL", [.init(name: "", action: .showAll)]),
        ("SHOW \"All\"", [.init(name: "", action: .showAll)]),
        ("SET TIME ZONE 'UTC'", [.init(name: "timezone", action: .set(values: ["UTC"]))]),
        ("SET LOCAL TIME ZONE utc", [.init(name: "timezone", action: .setLocal(values: ["utc"]))]),
        ("SET TIME ZONE -7", [.init(name: "timezone", action: .set(values: ["-7"]))]),
        ("SET TIME ZONE LOCAL", [.init(name: "timezone", action: .reset)]),
        ("SET TIME ZONE DEFAULT", [.init(name: "timezone", action: .reset)]),
        ("RESET TIME ZONE", [.init(name: "timezone", action: .reset)]),
        ("SHOW TIME ZONE", [.init(name: "timezone", action: .show)]),
        ("SET NAMES 'LATIN1'", [.init(name: "client_encoding", action: .set(values: ["LATIN1"]))]),
        ("SET NAMES", [.init(name: "client_encoding", action: .reset)]),
        ("SET SCHEMA 'x'", [.init(name: "search_path", action: .set(values: ["x"]))]),
        ("SET ROLE x", [.init(name: "role", action: .set(values: ["x"]))]),
        ("SET ROLE NONE", [.init(name: "role", action: .set(values: ["none"]))]),
        ("RESET ROLE", [.init(name: "role", action: .reset)]),
        ("SET SESSION AUTHORIZATION x", [.init(name: "session_authorization", action: .set(values: ["x"]))]),
        ("SET SESSION AUTHORIZATION DEFAULT", [.init(name: "session_authorization", action: .reset)]),
        ("RESET SESSION AUTHORIZATION", [.init(name: "session_authorization", action: .reset)]),
        ("SHOW SESSION AUTHORIZATION", [.init(name: "session_authorization", action: .show)]),
        ("SET XML OPTION CONTENT", [.init(name: "xmloption", action: .set(values: ["CONTENT"]))]),
        (
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            [
                .init(name: "transaction_isolation", action: .setLocal(values: ["repeatable read"])),
                .init(name: "transaction_read_only", action: .setLocal(values: ["1"])),
            ]
        ),
        ("SET TRANSACTION SNAPSHOT 'x'", [.init(name: "transaction_snapshot", action: .setLocal(values: ["x"]))]),
        ("SHOW TRANSACTION ISOLATION LEVEL", [.init(name: "transaction_isolation", action: .show)]),
        ("RESET TRANSACTION ISOLATION LEVEL", [.init(name: "transaction_isolation", action: .reset)]),
        (
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE, NOT DEFERRABLE",
            [
                .init(name: "default_transaction_read_only", action: .set(values: ["0"])),
                .init(name: "default_transaction_deferrable", action: .set(values: ["0"])),
            ]
        ),
        (
            "BEGIN ISOLATION LEVEL SERIALIZABLE, DEFERRABLE",
            [
                .init(name: "transaction_isolation", action: .setLocal(values: ["serializable"])),
                .init(name: "transaction_deferrable", action: .setLocal(values: ["1"])),
            ]
        ),
    ]

    @Test(arguments: forms.indices)
    func `name in lower case, action and values`(index: Int) throws {
        let facts = try facts(of: Self.forms[index].sql)
        #expect(facts.settings == Self.forms[index].uses, "\(Self.forms[index].sql)")
        #expect(facts.undecided == nil, "\(Self.forms[index].sql)")
        #expect(facts.constants.allSatisfy { !$0.isInterchangeable }, "\(Self.forms[index].sql)")
    }

    @Test(arguments: ["SET a FROM CURRENT", "SET TIME ZONE INTERVAL '1' HOUR"])
    func `values that are not in the text are undecided`(sql: String) throws {
        let facts = try facts(of: sql)
        #expect(facts.undecided != nil)
        #expect(facts.kinds == [.set])
        #expect(facts.settings.count == 1)
    }
}
