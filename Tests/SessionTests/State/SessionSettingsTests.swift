import Testing

@testable import Session

@Suite("The settings of a session")
struct SessionSettingsTests {
    private static let some = SessionSettings(["a": "1", "timezone": "UTC"])

    @Test("equal ones are the same, whatever object they are and in whatever order they were made")
    func same() {
        #expect(Self.some.isSame(as: Self.some))
        #expect(Self.some.isSame(as: SessionSettings(["timezone": "UTC"]).setting(["a": "1"])))
        #expect(SessionSettings.none.isSame(as: SessionSettings([:])))
    }

    @Test(
        "different ones are not",
        arguments: [["a": "1"], ["a": "1", "timezone": "utc"], ["a": "UTC", "timezone": "1"], [:]]
    )
    func different(values: [String: String]) {
        #expect(!Self.some.isSame(as: SessionSettings(values)))
    }

    @Test("values are compared byte by byte")
    func bytes() {
        let composed = SessionSettings(["application_name": "\u{e9}", "a": "\u{e9}"])
        let decomposed = SessionSettings(["application_name": "e\u{301}", "a": "e\u{301}"])
        #expect(!composed.isSame(as: decomposed))
        #expect(composed.parsing != decomposed.parsing)
        #expect(composed.difference(from: decomposed).set.count == 2)
        #expect(!composed.setting(["a": "e\u{301}"]).isSame(as: composed))
    }

    @Test("sessions with equal ones end up with one object, whichever connections they meet on")
    func representative() {
        let servers = SharedServers()
        let clients = (0..<4).map { _ in servers.client(startup: ["application_name": "app"]) }
        let connections = [servers.server(), servers.server()]
        for connection in connections { connection.settings = SessionSettings(["application_name": "app"]) }
        for _ in 0..<2 {
            for client in clients {
                for connection in connections {
                    guard case .ready = connection.preparation(for: client.session) else {
                        Issue.record("equal settings need no errand")
                        return
                    }
                }
            }
        }
        let all = clients.map(\.session.settings) + connections.map(\.settings)
        #expect(Set(all.map(ObjectIdentifier.init)).count == 1)
    }

    @Test("a change gives others, and no change the very same")
    func changes() {
        #expect(Self.some.setting(["a": "2", "b": "3"]).values == ["a": "2", "b": "3", "timezone": "UTC"])
        #expect(Self.some.setting(["a": nil]).values == ["timezone": "UTC"])
        #expect(Self.some.setting(["a": "1", "b": nil]) === Self.some)
        #expect(Self.some.setting(["a": nil, "timezone": nil]) === SessionSettings.none)
    }

    @Test("the difference from a server's says what to set and what to reset")
    func difference() {
        let server = SessionSettings(["a": "2", "b": "3", "c": "4", "timezone": "UTC"])
        let difference = SessionSettings(["a": "1", "d": "", "timezone": "UTC"]).difference(from: server)
        #expect(difference.set == [.init(name: "a", value: "1"), .init(name: "d", value: "")])
        #expect(difference.reset == ["b", "c"])
        let none = server.difference(from: server)
        #expect(none.set.isEmpty && none.reset.isEmpty)
    }

    @Test(
        "settings that only change how a statement is run do not keep prepared statements apart",
        arguments: ["application_name", "statement_timeout", "work_mem", "enable_seqscan", "log_statement", "jit"]
    )
    func running(name: String) {
        #expect(Self.some.setting([name: "x"]).parsing == Self.some.parsing)
        #expect(Self.some.setting([name: "x"]).parsing.hashValue == Self.some.parsing.hashValue)
    }

    @Test(
        "settings that change what a statement says do, and so do those that nobody knows",
        arguments: [
            "search_path", "datestyle", "intervalstyle", "timezone", "lc_monetary", "bytea_output", "my.own",
            "standard_conforming_strings", "transform_null_equals", "client_encoding", "default_text_search_config",
            "row_security", "session_replication_role", "xmloption", "array_nulls", "log.my_own",
        ]
    )
    func meaning(name: String) {
        #expect(Self.some.setting([name: "x"]).parsing != Self.some.parsing)
    }
}
