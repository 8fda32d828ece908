import Configuration
import FoundationEssentials
import PluginAPI
import Testing

@testable import Allowlist

@Suite("Configuration")
struct PolicyConfigurationTests {
    @Test(
        "What makes no sense stops the start, with its place and a remedy",
        arguments: [
            (#"functions = ["lower"]"#, "functions"), (#"functions = ["pg_catalog.*"]"#, "pg_read_file"),
            (#"functions = ["a.b.c"]"#, "write schema.name"), (#"types = ["vector"]"#, "types"),
            (#"operators = ["public.abc"]"#, "operators"), (#"operators = ["+"]"#, "operators"),
            (#"schemas = ["pg_toast"]"#, "schemas"), (#"schemas = ["a b"]"#, "schemas"),
            (#"profiles = ["none"]"#, "none"), (#"unheard = 1"#, "unheard"), (#"except = ["a.b"]"#, "does nothing"),
            ("[[relations]]\nname = \"t\"\naccess = [\"select\"]", "schema.name"),
            ("[[relations]]\nname = \"a.t\"\naccess = [\"read\"]", "select, insert"),
            ("[[relations]]\nname = \"pg_catalog.*\"\naccess = [\"select\"]", "password hashes"),
            ("[[settings]]\nname = \"search_path\"", "schemas"), ("[[settings]]\nname = \"role\"", "role"),
            ("[[settings]]\nname = \"DateStyle\"", "lower case"),
            ("[[settings]]\nname = \"a\"\naccess = [\"set\"]", "values"),
            ("[[settings]]\nname = \"a\"\naccess = [\"show\"]\nmin = 1", "access"),
            ("[[settings]]\nname = \"a\"\nmin = 2\nmax = 1", "greater"),
            ("[[calls]]\nfunction = \"a.*\"", "one function"),
            ("[[calls]]\nfunction = \"pg_catalog.lower\"", "never be asked"),
            ("functions = [\"a.f\"]\n[[calls]]\nfunction = \"a.f\"", "never be asked"),
            ("[[calls]]\nfunction = \"a.f\"\n[[calls.arguments]]\ntype = \"text\"", "name"),
            ("[[calls]]\nfunction = \"a.f\"\n[[calls.arguments]]\nname = \"x\"\nvalues = []", "empty"),
            ("[[calls]]\nfunction = \"a.f\"\n[[calls.arguments]]\nname = \"x\"\nvalues = [\"@none\"]", "none"),
            ("[[calls]]\nfunction = \"a.f\"\n[[calls.arguments]]\nname = \"x\"\ntype = \"model\"", "which ones"),
            ("[[calls]]\nfunction = \"a.f\"\n[[calls.arguments]]\nname = \"x\"\nmin = 1", "integer"),
            ("[[calls]]\nfunction = \"a.f\"\n[[calls.arguments]]\nname = \"x\"\narray = true", "elements"),
            (
                "[[calls]]\nfunction = \"a.f\"\n[[calls.arguments]]\nname = \"x\"\nkeys = { a = { null = true } }",
                "type"
            ),
            (
                "[[calls]]\nfunction = \"a.f\"\n[[calls.arguments]]\nname = \"x\"\nkeys = { a = { name = \"b\" } }",
                "only"
            ),
            (
                "[[calls]]\nfunction = \"a.f\"\n[[calls.arguments]]\nname = \"x\"\n[[calls.arguments]]\nname = \"x\"",
                "already"
            ),
            ("[lists]\na = [\"@b\"]\nb = [\"@a\"]", "holds itself"),
            ("[lists]\na = [\"@a\"]", "no profile has this list"),
            ("[lists]\na = [\"@b\"]", "there is no list @b"), ("[lists]\na = [\"x\"]", "no rule names @a"),
            (
                "[[calls]]\nfunction = \"a.f\"\n[[calls.arguments]]\nname = \"x\"\ntype = \"modle\"",
                "\"text\", \"model\""
            ),
        ]
    )
    func refused(toml: String, part: String) {
        let profiles = toml.hasPrefix("profiles") ? "" : #"profiles = ["builtins"]"#
        do {
            _ = try Gate(toml, profiles: profiles)
            Issue.record("accepted")
        } catch {
            #expect("\(error)".contains(part), "\(error)")
        }
    }

    @Test("A statement kind that PostgreSQL does not have is refused")
    func kinds() {
        #expect(throws: ConfigurationErrors.self) { try Gate("", statements: #"["select"]"#) }
    }

    @Test("A policy narrows what a profile brings")
    func narrowing() throws {
        let inference = #"profiles = ["inference"]"#
        let fewer = try Gate(#"lists.embedding_models = ["org/mine"]"#, profiles: inference)
        #expect(fewer.denial("SELECT pgml.embed('org/mine', 'x')") == nil)
        #expect(fewer.denial("SELECT pgml.embed('intfloat/e5-small-v2', 'x')") != nil)

        let more = try Gate(#"lists.embedding_models = ["org/mine", "@embedding_models"]"#, profiles: inference)
        #expect(more.denial("SELECT pgml.embed('org/mine', 'x'), pgml.embed('intfloat/e5-small-v2', 'x')") == nil)

        let without = try Gate(#"except = ["pgml.transform", "pgml.predict"]"#, profiles: inference)
        #expect(without.denial("SELECT pgml.transform('text-generation')") != nil)
        #expect(without.denial("SELECT pgml.predict('x', ARRAY[1.0])") != nil)
        #expect(without.denial("SELECT pgml.embed('intfloat/e5-small-v2', 'x')") == nil)
    }

    @Test("An empty policy forwards nothing")
    func empty() throws {
        let gate = try Gate("", profiles: "", statements: "[]")
        for sql in ["SELECT 1", "BEGIN", "SHOW search_path", "SET search_path = pg_catalog", "FETCH c"] {
            #expect(gate.denial(sql)?.rule == "statements")
        }
        #expect(try Gate("", profiles: "").denial("SELECT 1::int4") != nil)
    }
}

@Suite("The profiles that are shipped")
struct ShippedProfileTests {
    private static let names = ["builtins", "inference", "fdw"]

    private static func profile(_ name: String) throws -> AllowlistConfiguration {
        try TOMLDocument(contentsOf: "\(Repository.path)/plugins.d/profiles/\(name).toml").decode(
            AllowlistConfiguration.self
        )
    }

    @Test("Give no whole schema, no setting of PostgresML, no table of anybody's", arguments: names)
    func noWholesale(name: String) throws {
        let profile = try Self.profile(name)
        let listed = (profile.functions ?? []) + (profile.types ?? []) + (profile.operators ?? [])
        #expect(!listed.contains { $0.hasSuffix("*") })
        #expect((profile.schemas ?? []).isEmpty)
        #expect(!(profile.settings ?? []).contains { $0.name.contains(".") })
        #expect((profile.relations ?? []).allSatisfy { $0.name.hasPrefix("pg_catalog.pg_") && $0.access == ["select"] })
    }

    @Test("Give no function that takes SQL, files, settings or names of anything", arguments: names)
    func noDangerousFunction(name: String) throws {
        let parts = [
            "_to_xml", "ts_stat", "ts_rewrite", "dblink", "lo_", "set_config", "current_setting", "nextval", "currval",
            "setval", "lastval", "pg_read", "pg_ls", "pg_stat", "pg_sleep", "pg_terminate", "pg_cancel", "advisory",
            "has_",
            "to_reg", "activate_venv", "dump_all", "load_", "train", "tune", "snapshot", "deploy", "python", "generate",
        ]
        let allowed = ["pgml.generate", "pg_catalog.generate_series", "pg_catalog.generate_subscripts"]
        let functions = (try Self.profile(name).functions ?? []) + (try Self.profile(name).calls ?? []).map(\.function)
        for function in functions where !allowed.dropFirst().contains(function) {
            #expect(!parts.contains { function.contains($0) }, "\(function)")
        }
    }

    @Test("Give no key that runs code, picks another revision or holds a token")
    func noDangerousKey() throws {
        let dangerous: Set<String> = [
            "trust_remote_code", "model_kwargs", "tokenizer_kwargs", "config_kwargs", "token", "use_auth_token",
            "revision",
            "code_revision", "custom_pipeline", "device", "device_map", "push_to_hub", "hub_model_id", "hub_token",
            "data_files", "lib", "config", "cache_dir", "is_separator_regex", "pipeline", "truncate_dim",
        ]
        for call in try Self.profile("inference").calls ?? [] {
            for argument in call.arguments ?? [] {
                #expect(dangerous.isDisjoint(with: (argument.keys ?? [:]).keys), "\(call.function)")
            }
        }
    }
}

@Suite("The policy's reference")
struct PolicyReferenceTests {
    @Test("Every example in docs/policy.md can be pasted")
    func examples() throws {
        let data = try Data(contentsOf: URL(filePath: Repository.path + "/docs/policy.md"))
        let blocks = String(decoding: data, as: UTF8.self).split(separator: "```toml\n").dropFirst().map {
            $0.split(separator: "```")[0]
        }
        #expect(blocks.count >= 10)
        for block in blocks {
            let text = String(block).replacing("kind = \"allowlist\"", with: "")
            let profiles = text.contains("profiles =") ? "" : #"profiles = ["inference"]"#
            #expect(throws: Never.self, "\(text)") { try Gate(text, profiles: profiles) }
        }
    }
}
