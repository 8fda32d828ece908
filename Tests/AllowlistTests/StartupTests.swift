import PluginAPI
import Testing

@testable import Allowlist

@Suite("Startup parameters and search_path")
struct StartupTests {
    private static let schemas = #"schemas = ["app", "Odd\"Name"]"#.replacing(
        "\"Odd\\\"Name\"",
        with: #"'"Odd""Name"'"#
    )

    @Test("The path is pinned, with or without a client's own parameters")
    func pinned() throws {
        let gate = try Gate.shipped.get()
        #expect(gate.start([:]).path == "pg_catalog, pg_temp")
        #expect(
            gate.start(["application_name": "postgres_fdw", "client_encoding": "UTF8"]).path == "pg_catalog, pg_temp"
        )
        #expect(gate.start(["search_path": "pg_catalog"]).path == "pg_catalog, pg_temp")
        #expect(gate.start(["SEARCH_PATH": "PG_CATALOG, pg_temp"]).path == "pg_catalog, pg_temp")
        #expect(gate.start(["search_path": ""]).path == "pg_catalog, pg_temp")
        #expect(try Gate(Self.schemas).start([:]).path == #"pg_catalog, "app", "Odd""Name", pg_temp"#)
    }

    @Test("A path of listed schemas is put in the permitted form")
    func listed() throws {
        let gate = try Gate(Self.schemas)
        #expect(gate.start(["search_path": "app"]).path == #"pg_catalog, "app", pg_temp"#)
        #expect(gate.start(["search_path": "pg_temp, App, pg_catalog, app"]).path == #"pg_catalog, "app", pg_temp"#)
        #expect(gate.start(["search_path": #""Odd""Name""#]).path == #"pg_catalog, "Odd""Name", pg_temp"#)
    }

    @Test(
        "A path that leads elsewhere is refused",
        arguments: [
            "evil", "pg_catalog, evil", "\"$user\", public", "app, \"APP\"", "app;", "app,", "\"app", "ä", "pg_toast",
            "pg_temp_3", "app, \"pg_catalog \"",
        ]
    )
    func elsewhere(path: String) throws {
        #expect(try Gate(Self.schemas).start(["search_path": path]).denial?.rule == "schemas")
    }

    @Test(
        "A setting that is not listed is refused, however it is spelled",
        arguments: [
            ("pgml.huggingface_trust_remote_code", "on"), ("PGML.venv", "/tmp"), ("role", "postgres"),
            ("Role", "postgres"),
            ("session_authorization", "postgres"), ("session_preload_libraries", "x"), ("statement_timeout", "0"),
            ("client_encoding", "SJIS"), ("standard_conforming_strings", "off"), ("pgml.omp_num_threads", "64"),
            ("options", "-c role=postgres"), ("DateStyle", "German"), ("", ""),
        ]
    )
    func refused(name: String, value: String) throws {
        #expect(try Gate.shipped.get().start([name: value]).denial?.rule.hasPrefix("settings") == true)
    }

    @Test("What drivers send at startup is forwarded")
    func drivers() throws {
        let verdict = try Gate.shipped.get().start([
            "application_name": "x", "client_encoding": "'utf-8'", "DateStyle": "ISO, MDY", "TimeZone": "Europe/Berlin",
            "extra_float_digits": "2",
        ])
        guard case .rewrite(let parameters) = verdict else { Issue.record("\(verdict)"); return }
        #expect(parameters.count == 6)
        #expect(parameters.first { $0.name == "DateStyle" }?.value == "ISO, MDY")
    }

    @Test(
        "SET search_path is answered in the permitted form",
        arguments: [
            ("SET search_path = pg_catalog", "SET search_path TO pg_catalog, pg_temp"),
            ("SET LOCAL search_path = pg_catalog", "SET LOCAL search_path TO pg_catalog, pg_temp"),
            ("SET SCHEMA 'app'", #"SET search_path TO pg_catalog, "app", pg_temp"#),
            ("SET search_path = ''", "SET search_path TO pg_catalog, pg_temp"),
            ("SET search_path = pg_temp, app", #"SET search_path TO pg_catalog, "app", pg_temp"#),
            (#"SET SESSION search_path TO "Odd""Name""#, #"SET search_path TO pg_catalog, "Odd""Name", pg_temp"#),
        ]
    )
    func rewritten(sql: String, text: String) throws {
        let gate = try Gate(Self.schemas, statements: #"["SET"]"#)
        guard case .rewrite(let rewritten)? = gate.judge(sql).first else { Issue.record("not rewritten"); return }
        #expect(rewritten == text)
        // The rewritten statement is judged again: it must pass as it is, or this would never end.
        guard case .forward? = gate.judge(rewritten).first else { Issue.record("not forwarded"); return }
    }
}

extension StartupVerdict {
    fileprivate var path: String? {
        guard case .rewrite(let parameters) = self else { return nil }
        let paths = parameters.filter { $0.name.lowercased() == "search_path" }
        return paths.count == 1 ? paths[0].value : nil
    }

    fileprivate var denial: Denial? {
        guard case .deny(let denial) = self else { return nil }
        return denial
    }
}
