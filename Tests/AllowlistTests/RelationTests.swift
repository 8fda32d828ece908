import PluginAPI
import Testing

@testable import Allowlist

@Suite("Relations")
struct RelationTests {
    private static let gate = Result {
        try Gate(
            #"""
            [[relations]]
            name = "app.read"
            access = ["select"]
            [[relations]]
            name = "app.both"
            access = ["select", "update"]
            [[relations]]
            name = "app.log"
            access = ["insert"]
            [[relations]]
            name = "open.*"
            access = ["select"]
            """#,
            statements: #"["SELECT", "INSERT", "UPDATE", "DELETE", "COPY TO", "LOCK"]"#
        )
    }

    @Test(
        "Admitted by their access",
        arguments: [
            "SELECT * FROM app.read", "SELECT * FROM pgml.app.read", "UPDATE app.both SET a = 1",
            "INSERT INTO app.log VALUES (1)", "SELECT * FROM open.anything", "SELECT * FROM \"app\".\"read\"",
            "SELECT * FROM app.both FOR UPDATE", "COPY app.read TO STDOUT", "COPY (SELECT 1) TO STDOUT",
        ]
    )
    func admitted(sql: String) throws {
        let denial = try Self.gate.get().denial(sql)
        #expect(denial == nil, "\(denial?.message ?? "")")
    }

    @Test(
        "Refused for any other",
        arguments: [
            "UPDATE app.read SET a = 1", "INSERT INTO app.read VALUES (1)", "DELETE FROM app.both",
            "SELECT * FROM app.log", "INSERT INTO app.log VALUES (1) RETURNING *", "SELECT * FROM app.read FOR UPDATE",
            "INSERT INTO open.x VALUES (1)", "SELECT * FROM read", "SELECT * FROM app.\"Read\"",
            "COPY app.log TO STDOUT",
            "UPDATE app.both SET a = (SELECT 1 FROM app.log)", "LOCK TABLE app.read", "SELECT * FROM shop.app.read",
        ]
    )
    func refused(sql: String) throws {
        #expect(try Self.gate.get().denial(sql)?.rule == "relations")
    }
}
