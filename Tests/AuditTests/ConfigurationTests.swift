import Configuration
import FoundationEssentials
import Glibc
import PluginAPI
import Testing

@testable import Audit

@Suite("The audit plugin's file")
struct ConfigurationTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func load(_ text: String) throws -> Audit {
        let document = try TOMLDocument(text: text, file: "90-audit.toml")
        let loaded = try PluginFile(document, kinds: [PluginKind(Audit.self)], base: folder.path).load()
        return try #require(loaded?.plugin as? Audit)
    }

    private func shipped(_ here: String = #filePath) throws -> String {
        let root = here.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let text = try String(contentsOfFile: "\(root)/plugins.d/90-audit.toml", encoding: .utf8)
        // It is shipped switched off.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.contains("enabled = false"))
        return lines.filter { $0 != "enabled = false" }.joined(separator: "\n")
    }

    @Test("as it is shipped loads without a key, and makes nothing before a session comes")
    func asShipped() throws {
        let audit = try load(try shipped())
        #expect(audit.log.keyName == "none")
        #expect(!audit.waitsForDisk && audit.deniesWhenFull)
        #expect(!audit.writesFullText(of: Desk.session))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        let observer = audit.observer(of: Desk.session)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        observer.sessionBegan(SessionEvent(session: Desk.session, sessionNumber: 1, error: nil))
        audit.finish()
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/audit/audit.jsonl"))
    }

    @Test("shows the defaults where it is commented out")
    func commentedOut() throws {
        let lines = try shipped().split(separator: "\n").filter { !$0.hasPrefix("#key_") }
        let text = lines.map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }.joined(separator: "\n")
        let own = text.replacing("kind = \"audit\"\n", with: "")
        let settings = try Keys.read(own).settings(in: folder.path)
        let defaults = try Keys.read("").settings(in: folder.path)
        #expect(settings.directory == defaults.directory && settings.directory == "\(folder.path)/audit")
        #expect(settings.ringCapacity == defaults.ringCapacity && settings.rotateBytes == defaults.rotateBytes)
        #expect(settings.rotateSeconds == defaults.rotateSeconds)
        #expect(settings.checkpointRecords == defaults.checkpointRecords)
        #expect(settings.checkpointSeconds == defaults.checkpointSeconds)
    }

    @Test(
        "is refused with the key that is wrong, and what to write instead",
        arguments: [
            ("guarantee = \"after\"", "guarantee: \"after\" is not known here; write \"accepted\" or \"before\""),
            ("on_full = \"wait\"", "on_full: \"wait\" is not known here; write \"deny\" or \"drop\""),
            ("ring = 1000", "ring: 1000 is not a power of two; write 1024"),
            ("ring = 1", "ring: is out of bounds; write a value from 64 to 1048576"),
            ("text = \"raw\"", "text: \"raw\" is not known here; write \"normalized\" or \"full\""),
            (
                "[[full_text]]\nparameters = true",
                "full_text[0]: names neither users nor databases; for all, write text = \"full\""
            ),
            ("key_file = \"none\"", "key_file: FOLDER/none cannot be opened: No such file or directory"),
            (
                "key_environment = \"PGML_NO_SUCH_KEY\"",
                "key_environment: PGML_NO_SUCH_KEY is not set, or is shorter than 16 bytes"
            ),
            (
                "directory = \"/nowhere/audit\"",
                "directory: /nowhere/audit is not there and cannot be made: No such file or directory; or name another directory, or "
                    + "write enabled = false to have no log"
            ),
        ]
    )
    func mistakes(text: String, message: String) throws {
        let error = #expect(throws: ConfigurationErrors.self) { try load("kind = \"audit\"\n\(text)") }
        let told = error.map { "\($0)" } ?? ""
        #expect(told.hasSuffix(message.replacing("FOLDER", with: folder.path)), "\(told)")
    }

    @Test("A reload goes on with the same log")
    func reload() throws {
        let first = try Desk(folder)
        let second = try Desk(folder)
        #expect(first.audit.log === second.audit.log)
        try first.run("SELECT 1")
        try second.run("SELECT 2")
        first.audit.finish()
        let report = try LogVerifier.verify(folder.files, head: "\(folder.path)/head.json", key: nil)
        #expect(report.findings == [] && report.records == 4)
    }

    @Test("begins once, with its directory and its lock, and goes on through reloads")
    func begin() throws {
        let audit = try Desk.audit(folder)
        try audit.begin()
        #expect(try folder.lines().count == 1)
        #expect(try folder.lines("lock") == ["\(getpid())"])
        try Desk.audit(folder).begin()
        #expect(try folder.lines().count == 1)
        audit.finish()
    }

    @Test("A directory that another gateway has does not come into force, and the message names the holder")
    func inUse() throws {
        let lock = unsafe open("\(folder.path)/lock", O_RDWR | O_CREAT, 0o640)
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        #expect(unsafe write(lock, "4711\n", 5) == 5)
        let audit = try Desk.audit(folder)
        let error = #expect(throws: LogFailure.self) { try audit.begin() }
        let told = "process 4711 holds \(folder.path)/lock; stop that one, or give each a directory of its own"
        #expect(error?.description == "\(folder.path) is in use by another gateway: \(told)")
        close(lock)
        try audit.begin()
        audit.finish()
    }
}
