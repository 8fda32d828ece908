import FoundationEssentials
import PluginAPI
import Testing

@testable import Configuration

/// Takes rules, and refuses those it cannot use the way the real plugins do.
private struct Probe: StatementDecider {
    static let kind = "probe"

    struct Configuration: Decodable {
        let rules: [String]?
        let profile: String?
    }

    struct Profile: Decodable {
        let rules: [String]
    }

    let rules: [String]
    /// What its file said before.
    let former: [String]?

    init(configuration: Configuration, context: PluginContext) throws {
        former = (context.predecessor as? Probe)?.rules
        let profile = try configuration.profile.map { try context.profile(named: $0, as: Profile.self) }
        rules = (configuration.rules ?? []) + (profile?.rules ?? [])
        if let index = rules.firstIndex(of: "never") {
            throw PluginConfigurationError(at: ["rules", String(index)], "can never match; remove it")
        }
    }

    func decide(_ event: borrowing StatementEvent) -> StatementVerdict { .forward }
}

/// Has no key of its own.
private struct Plain: Plugin {
    static let kind = "plain"
    struct Configuration: Decodable {}

    let wallClock: @Sendable () -> Duration

    init(configuration: Configuration, context: PluginContext) { wallClock = context.wallClock }
}

/// Names a key of its own like one that every plugin file has.
private struct Namesake: Plugin {
    static let kind = "namesake"
    struct Configuration: Decodable {
        let users: [String]?
    }

    init(configuration: Configuration, context: PluginContext) {}
}

@Suite struct PluginDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `Files load in the order of their names, and other files are left alone`() throws {
        try directory.write("kind = \"probe\"\nrules = [\"a\"]", to: "plugins.d/30-second.toml")
        try directory.write(
            "kind = \"plain\"\nmode = \"enforce\"\non_failure = \"deny\"",
            to: "plugins.d/10-first.toml"
        )
        try directory.write("kind = \"plain\"\nenabled = false", to: "plugins.d/20-off.toml")
        try directory.write("broken", to: "plugins.d/40-third.toml.disabled")
        try directory.write("broken", to: "plugins.d/.hidden.toml")
        try directory.write("broken", to: "plugins.d/README.md")
        let chain = try load()
        #expect(chain.map(\.file) == ["10-first.toml", "30-second.toml"].map { "\(plugins)/\($0)" })
        #expect(chain.map(\.kind) == ["plain", "probe"])
        #expect(chain.map(\.scope) == [PluginScope(), PluginScope()])
        #expect((chain[1].plugin as? Probe)?.rules == ["a"])
    }

    @Test func `A scope says whose sessions a plugin takes part in`() throws {
        try directory.write(
            """
            kind = "plain"
            users = ["rds", "analyst"]
            databases = ["ml"]
            applications = ["report"]
            addresses = ["10.0.0.0/8", "::1"]
            """,
            to: "plugins.d/10.toml"
        )
        let scope = try #require(load().first).scope
        #expect(!scope.isEverySession)
        func holds(_ user: String, _ database: String, _ application: String, _ address: String) -> Bool {
            scope.contains(
                SessionIdentity(user: user, database: database, applicationName: application, address: address)
            )
        }
        #expect(holds("rds", "ml", "report", "10.1.2.3"))
        #expect(holds("analyst", "ml", "report", "::1"))
        #expect(!holds("other", "ml", "report", "10.1.2.3"))
        #expect(!holds("rds", "postgres", "report", "10.1.2.3"))
        #expect(!holds("rds", "ml", "", "10.1.2.3"))
        #expect(!holds("rds", "ml", "report", "11.1.2.3"))
    }

    @Test(arguments: [
        ("", ": kind: is missing; write \"plain\" or \"probe\""),
        ("kind = \"prob\"", ":1: kind: \"prob\" is no kind of plugin; write \"plain\" or \"probe\""),
        ("kind = 1", ":1: kind: found an integer, needs a string; write kind = \"…\""),
        (
            "kind = \"plain\"\nmode = \"enforced\"",
            ":2: mode: \"enforced\" is not known here; write \"enforce\" or \"report\""
        ),
        (
            "kind = \"plain\"\non_failure = \"forward\"",
            ":2: on_failure: \"forward\" is not there yet; write on_failure = \"deny\" or leave it out"
        ),
        (
            "kind = \"plain\"\nusers = []",
            ":2: users: is empty, so that the plugin would never run; write at least one, or remove the key"
        ),
        (
            "kind = \"plain\"\naddresses = [\n\"10.0.0.1/8\"]",
            ":3: addresses[0]: \"10.0.0.1/8\" has bits set beyond its length; write the range's first address"
        ),
        (
            "kind = \"plain\"\nusrs = [\"a\"]",
            ":2: usrs: is not a known key; write users"
        ),
        (
            "kind = \"probe\"\nrules = [\n\"a\",\n\"never\"]",
            ":4: rules[1]: can never match; remove it"
        ),
        ("kind = \"probe\"\nrule = []", ":2: rule: is not a known key; write rules"),
        ("kind = \"probe\"\nrules = [1]", ":2: rules[0]: found an integer, needs a string; write \"…\""),
        ("kind = \"probe\"\nprofile = \"x\"", ":2: profile: there is no profile \"x\"; write \"fdw\" or \"inference\""),
        (
            "kind = \"probe\"\nprofile = \"../10\"",
            ":2: profile: there is no profile \"../10\"; write \"fdw\" or \"inference\""
        ),
    ])
    func `A mistake is told with file, line, key and remedy`(text: String, line: String) throws {
        try directory.write("rules = []", to: "plugins.d/profiles/fdw.toml")
        try directory.write("rules = []", to: "plugins.d/profiles/inference.toml")
        try directory.write(text, to: "plugins.d/10.toml")
        #expect(complaints() == ["\(plugins)/10.toml\(line)"])
    }

    @Test(arguments: ["", "\nusers = [\"a\"]"])
    func `A plugin's key that is named like one of every plugin file is told`(lines: String) throws {
        let document = try TOMLDocument(text: "kind = \"namesake\"" + lines, file: "10.toml")
        let error = #expect(throws: ConfigurationErrors.self) {
            try PluginFile(document, kinds: [PluginKind(Namesake.self)]).load()
        }
        let place = lines.isEmpty ? "10.toml" : "10.toml:2"
        let message = "is a key of every plugin file; in the plugin namesake, give its own key another name"
        #expect(error?.errors.map(\.description) == ["\(place): users: \(message)"])
    }

    @Test func `A plugin may ask for the time of day`() throws {
        let document = try TOMLDocument(text: "kind = \"plain\"", file: "10.toml")
        let plugin = try PluginFile(document, kinds: [PluginKind(Plain.self)]).load()?.plugin as? Plain
        let time = try #require(plugin).wallClock()
        #expect(abs(Date().timeIntervalSince1970 - Double(time.components.seconds)) < 60)
    }

    @Test func `Every mistake of every file is told, and one is enough to load none`() throws {
        try directory.write("kind = \"plain\"", to: "plugins.d/10.toml")
        try directory.write("kind = \"probe\"\nrules = 1\nx = 2\nmode = 3", to: "plugins.d/20.toml")
        try directory.write("kind = ", to: "plugins.d/30.toml")
        try directory.write("kind = \"plain\"", to: "plugins.d/40.toml", mode: 0o622)
        let lines = complaints()
        #expect(lines.count == 5)
        #expect(
            lines.prefix(3) == [
                "\(plugins)/20.toml:2: rules: found an integer, needs an array; write rules = […]",
                "\(plugins)/20.toml:3: x: is not a known key; known are addresses, applications, databases, enabled, "
                    + "kind, mode, on_failure, profile, rules and users",
                "\(plugins)/20.toml:4: mode: found an integer, needs a string; write mode = \"…\"",
            ]
        )
        #expect(lines[3].hasPrefix("\(plugins)/30.toml:1:"))
        #expect(
            lines[4] == "\(plugins)/40.toml: can be changed by others than its owner; "
                + "run: chmod go-w \(plugins)/40.toml"
        )
    }

    @Test func `A profile is read from beside the plugin files, as strictly`() throws {
        try directory.write("kind = \"probe\"\nprofile = \"fdw\"", to: "plugins.d/10.toml")
        try directory.write("rules = [\"b\"]", to: "plugins.d/profiles/fdw.toml")
        #expect((try load().first?.plugin as? Probe)?.rules == ["b"])

        try directory.write("rules = [1]\nrulse = 2", to: "plugins.d/profiles/fdw.toml")
        #expect(
            complaints() == [
                "\(plugins)/profiles/fdw.toml:1: rules[0]: found an integer, needs a string; write \"…\"",
                "\(plugins)/profiles/fdw.toml:2: rulse: is not a known key; write rules",
            ]
        )
        try directory.write("rules = 1", to: "plugins.d/profiles/fdw.toml")
        #expect(
            complaints() == [
                "\(plugins)/profiles/fdw.toml:1: rules: found an integer, needs an array; write rules = […]"
            ]
        )
        try directory.write("rules = [\"never\"]", to: "plugins.d/profiles/fdw.toml")
        #expect(complaints() == ["\(plugins)/profiles/fdw.toml:1: rules[0]: can never match; remove it"])
        try directory.write("rules = [\"a\"]", to: "plugins.d/profiles/fdw.toml", mode: 0o666)
        #expect(complaints().count == 1)
    }

    @Test func `A directory without plugin files is refused, unless that is wanted`() throws {
        try directory.write("", to: "plugins.d/README.md")
        #expect(
            complaints() == [
                "\(plugins): holds no plugin file that is enabled; add one, such as 10-allowlist.toml, or set "
                    + "unrestricted = true to forward anything to anyone"
            ]
        )
        #expect(try PluginDirectory(plugins, kinds: kinds).load(mayBeEmpty: true).isEmpty)
    }

    @Test func `A plugin is given the one that its own file has described before`() throws {
        try directory.write("kind = \"probe\"\nrules = [\"a\"]", to: "plugins.d/1.toml")
        try directory.write("kind = \"probe\"\nrules = [\"b\"]", to: "plugins.d/2.toml")
        try directory.write("kind = \"plain\"", to: "plugins.d/3.toml")
        let before = try load()
        #expect(before.map { ($0.plugin as? Probe)?.former } == [nil, nil, nil])
        try directory.write("kind = \"probe\"\nrules = [\"c\"]", to: "plugins.d/2.toml")
        try directory.write("kind = \"probe\"", to: "plugins.d/3.toml")
        try directory.write("kind = \"probe\"", to: "plugins.d/4.toml")
        let predecessors = Dictionary(uniqueKeysWithValues: before.map { ($0.file, $0.plugin) })
        let after = try PluginDirectory(plugins, kinds: kinds).load(after: predecessors)
        #expect(after.map { ($0.plugin as? Probe)?.former } == [["a"], ["b"], nil, nil])
    }

    @Test func `A directory that cannot be read is refused, wanted empty or not`() {
        let line =
            "\(plugins): cannot be read as a directory; "
            + "set plugins_directory to the directory of the plugin files"
        #expect(complaints() == [line])
        #expect(throws: ConfigurationErrors.self) {
            try PluginDirectory(plugins, kinds: kinds).load(mayBeEmpty: true)
        }
    }

    private var plugins: String { "\(directory.path)/plugins.d" }
    private var kinds: [PluginKind] { [PluginKind(Probe.self), PluginKind(Plain.self)] }

    private func load() throws -> [LoadedPlugin] {
        try PluginDirectory(plugins + "/", kinds: kinds).load()
    }

    private func complaints() -> [String] {
        do {
            _ = try PluginDirectory(plugins, kinds: kinds).load()
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }
}
