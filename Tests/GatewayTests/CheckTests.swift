import FoundationEssentials
import Glibc
import Testing

@testable import Gateway

/// What `check` finds in folders as operators have them.
@Suite final class CheckTests {
    private let folder: String
    private let environment = ["DATABASE_URL": "postgres://pg:s3cret@127.0.0.1/pgml"]
    private let policy = "kind = \"allowlist\"\nprofiles = []\nstatements = [\"SELECT\"]\n"

    private let unheard = "only reports, and no plugin observes: nobody hears of it; add an audit plugin"

    init() throws {
        let parent = FileManager.default.temporaryDirectory.path
        folder = "\(parent)/check-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: "\(folder)/plugins.d", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    @Test func `What is in order is told by file, disabled files too`() throws {
        try write("gateway.toml", "")
        try write("plugins.d/10-allowlist.toml", policy)
        try write("plugins.d/20-off.toml", policy + "enabled = false\n")
        try write("plugins.d/30-some.toml", policy + "users = [\"rds\"]\nmode = \"report\"\n")
        let report = check()
        #expect(report.mistakes == [])
        #expect(report.warnings == ["\(folder)/plugins.d/30-some.toml: \(unheard)"])
        #expect(
            report.checked == [
                "\(folder)/gateway.toml: 1 user, session pooling, upstream pg@127.0.0.1:5432/pgml",
                "\(folder)/plugins.d/10-allowlist.toml: allowlist, in force, every session",
                "\(folder)/plugins.d/30-some.toml: allowlist, reports only, some sessions",
                "\(folder)/plugins.d/20-off.toml: not enabled",
            ]
        )
        #expect(report.summary == "check: 0 mistakes, 1 warning")
    }

    @Test func `Mistakes in gateway.toml do not hide those in plugin files`() throws {
        try write("gateway.toml", "listen_adress = \"x\"\nplugins_directory = \"rules\"\n")
        try write("rules/10.toml", policy + "nonsense = 1\n")
        let report = check()
        #expect(report.mistakes.count == 2)
        #expect(report.mistakes.first?.hasPrefix("\(folder)/gateway.toml:1: listen_adress: ") == true)
        #expect(report.mistakes.last?.hasPrefix("\(folder)/rules/10.toml:4: nonsense: ") == true)
        #expect(report.checked == [])
    }

    @Test func `A directory that others can write to is refused, and that of the profiles too`() throws {
        try write("gateway.toml", "")
        try write("plugins.d/10.toml", policy)
        try write("plugins.d/profiles/x.toml", "")
        for directory in ["plugins.d", "plugins.d/profiles"] {
            let path = "\(folder)/\(directory)"
            for mode in [0o775, 0o777, 0o1777] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
                #expect(
                    check().mistakes == ["\(path): can be changed by others than its owner; run: chmod go-w \(path)"]
                )
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        #expect(check().mistakes == [])
    }

    @Test func `A chain that refuses nothing is a mistake, or a warning where it is wanted`() throws {
        try write("gateway.toml", "")
        try write("plugins.d/10.toml", policy + "mode = \"report\"\n")
        #expect(check().mistakes.count == 1)
        try write("gateway.toml", "unrestricted = true\n")
        let report = check()
        #expect(report.mistakes == [])
        #expect(
            report.warnings == [
                "\(folder)/plugins.d/10.toml: \(unheard)", "\(folder)/plugins.d: \(ChainLoader.unrestricted)",
            ]
        )
    }

    @Test func `A password in a file that others can read is a warning by line and key`() throws {
        let users = "[[users]]\nname = \"a\"\npassword = \"s3cret\"\n[upstream]\nurl = \"postgres://u:p@127.0.0.1/d\"\n"
        try write("gateway.toml", users)
        try write("plugins.d/10.toml", policy)
        let remedy =
            "is a password in a file that others than its owner can read; run: chmod 600 \(folder)/gateway.toml"
        #expect(
            check().warnings == [
                "\(folder)/gateway.toml:3: users[0].password: \(remedy)",
                "\(folder)/gateway.toml:5: upstream.url: \(remedy)",
            ]
        )
        try write("gateway.toml", users, mode: 0o600)
        #expect(check().warnings == [])
    }

    private func check() -> CheckReport {
        var report = CheckReport()
        report.check(config: "\(folder)/gateway.toml", plugins: nil, environment: environment)
        return report
    }

    private func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let file = "\(folder)/\(name)"
        let directory = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    }
}
