import FoundationEssentials
import PluginAPI
import Testing

@testable import Audit

@Suite("A log that is not as it was written")
struct VerifierTests {
    private let folder: Folder
    private let secret = "0123456789abcdef0123"

    init() throws { folder = try Folder() }

    /// A log of two files: ten statements, a restart, ten more, the file put aside as logrotate does, ten more.
    private func write(keyed: Bool = true) throws {
        try secret.write(toFile: "\(folder.path)/key", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder.path)/key")
        let toml = keyed ? "key_file = \"\(folder.path)/key\"" : ""
        for round in 0..<3 {
            if round == 2 {
                try FileManager.default.moveItem(
                    atPath: "\(folder.path)/audit.jsonl",
                    toPath: "\(folder.path)/audit-1.jsonl"
                )
            }
            let desk = try Desk(folder, toml)
            for number in 0..<10 { try desk.run("SELECT \(number)") }
            desk.audit.finish()
        }
    }

    private func verify(key: String?) throws -> LogVerifier.Report {
        try LogVerifier.verify(
            folder.files.reversed(),
            head: "\(folder.path)/head.json",
            key: key.map { Array($0.utf8) }
        )
    }

    /// Files and lines of what is found.
    private func findings(key: String? = "0123456789abcdef0123") throws -> [String] {
        try verify(key: key).findings.map { "\($0)".replacing("\(folder.path)/", with: "") }
    }

    @Test("is told from one that is, across restart and rotation, with and without a key", arguments: [true, false])
    func untouched(keyed: Bool) throws {
        try write(keyed: keyed)
        let report = try verify(key: keyed ? secret : nil)
        #expect(report.findings == [])
        // Of each run: an open record, ten statements and a checkpoint.
        #expect(report.records == 36)
        #expect((report.first, report.last) == (1, 36))
        #expect(report.checkpoints == 3)
        #expect(report.endIsKnown)
        #expect(report.isKeyed == keyed)
        let other = try verify(key: keyed ? nil : secret)
        #expect(!other.findings.isEmpty, "the wrong key, or none, is told")
    }

    @Test("One changed byte is found on its line, wherever it is", arguments: [3, 14, 20])
    func changedByte(line: Int) throws {
        try write()
        var lines = try folder.lines("audit-1.jsonl")
        lines[line - 1] = lines[line - 1].replacing("\"rows\":1", with: "\"rows\":2")
        try folder.write(lines, to: "audit-1.jsonl")
        let found = try findings()
        #expect(found.count == 1 && found[0].hasPrefix("audit-1.jsonl:\(line): record \(line) was changed"), "\(found)")
    }

    @Test("No byte of a line can change unseen, neither in what it says nor in its digest")
    func everyByte() throws {
        try write()
        let original = try folder.lines("audit-1.jsonl")
        let bytes = Array(original[4].utf8)
        for position in stride(from: 0, to: bytes.count, by: 7) {
            var changed = bytes
            changed[position] ^= 1
            guard let text = String(validating: changed, as: UTF8.self), !text.contains("\n") else { continue }
            var lines = original
            lines[4] = text
            try folder.write(lines, to: "audit-1.jsonl")
            let found = try findings()
            #expect(found.contains { $0.hasPrefix("audit-1.jsonl:5:") }, "byte \(position): \(found)")
        }
    }

    @Test("A removed record is missed where it was")
    func removed() throws {
        try write()
        var lines = try folder.lines("audit-1.jsonl")
        lines.remove(at: 4)
        try folder.write(lines, to: "audit-1.jsonl")
        #expect(try findings() == ["audit-1.jsonl:5: record 5 is missing before record 6"])
    }

    @Test("Swapped records are found where they stand")
    func swapped() throws {
        try write()
        var lines = try folder.lines("audit-1.jsonl")
        lines.swapAt(4, 5)
        try folder.write(lines, to: "audit-1.jsonl")
        let found = try findings()
        #expect(found.first == "audit-1.jsonl:5: record 5 is missing before record 6")
        #expect(found.dropFirst().first?.hasPrefix("audit-1.jsonl:6: record 5 is here again, or was moved") == true)
    }

    @Test("A record that is there twice is found, and so is one that was renumbered to fit")
    func doubled() throws {
        try write()
        let original = try folder.lines("audit-1.jsonl")
        var lines = original
        lines.insert(lines[4], at: 5)
        try folder.write(lines, to: "audit-1.jsonl")
        let found = try findings()
        #expect(found.first?.hasPrefix("audit-1.jsonl:6: record 5 is here again") == true, "\(found)")
        lines = original
        lines[5] = lines[4].replacing("\"seq\":5,", with: "\"seq\":6,")
        try folder.write(lines, to: "audit-1.jsonl")
        #expect(try findings().first?.hasPrefix("audit-1.jsonl:6: record 6 was changed") == true)
    }

    @Test("A tail that was cut off is found: of the last file, of the one before, and within a line")
    func cutOff() throws {
        try write()
        let first = try folder.lines("audit-1.jsonl")
        let last = try folder.lines()
        try folder.write(Array(last.dropLast(3)))
        var found = try findings()
        #expect(
            found.count == 1 && found[0].hasPrefix("audit.jsonl:9: the log is cut off after record 33: "),
            "\(found)"
        )
        try folder.write(last)
        try folder.write(Array(first.dropLast(2)), to: "audit-1.jsonl")
        found = try findings()
        #expect(found == ["audit.jsonl:1: records 23 to 24 are missing before record 25"])
        try folder.write(first, to: "audit-1.jsonl")
        try String((last.joined(separator: "\n")).dropLast(5))
            .write(toFile: "\(folder.path)/audit.jsonl", atomically: true, encoding: .utf8)
        found = try findings()
        #expect(found.first == "audit.jsonl:12: the line is cut off")
        #expect(found.count == 2)
    }

    @Test("A whole file that is gone is missed, and so are all of the newest")
    func removedFile() throws {
        try write()
        try FileManager.default.removeItem(atPath: "\(folder.path)/audit.jsonl")
        var found = try findings()
        #expect(
            found.count == 1 && found[0].hasPrefix("audit-1.jsonl:24: the log is cut off after record 24"),
            "\(found)"
        )
        // The next start goes on behind what head.json knows, and the gap stays.
        let desk = try Desk(folder, "key_file = \"\(folder.path)/key\"")
        try desk.run("SELECT 1")
        desk.audit.finish()
        found = try findings()
        #expect(found == ["audit.jsonl:1: records 25 to 36 are missing before record 37"])
    }

    @Test("A forged head.json is found")
    func forgedHead() throws {
        try write()
        let path = "\(folder.path)/head.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing("\"seq\":36", with: "\"seq\":35").write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try findings() == ["head.json:1: was changed, or the key is another one"])
    }

    @Test("What a crash has left of a line is taken away at the next start, which says so")
    func tornLine() throws {
        try write(keyed: false)
        let whole = try String(contentsOfFile: "\(folder.path)/audit.jsonl", encoding: .utf8)
        try (whole + "{\"v\":1,\"str").write(toFile: "\(folder.path)/audit.jsonl", atomically: true, encoding: .utf8)
        let desk = try Desk(folder)
        try desk.run("SELECT 1")
        desk.audit.finish()
        #expect(try folder.lines()[12].contains("\"torn\":11"))
        #expect(try findings(key: nil) == [])
    }

    @Test("Files that rotation has put aside by size verify together")
    func rotation() throws {
        let desk = try Desk(folder, "rotate_mib = 1\nring = 8192")
        let statements = try Desk.statements("SELECT 1")
        for _ in 0..<6000 { desk.tell(statements[0], .aborted) }
        desk.audit.finish()
        let again = try Desk(folder, "rotate_mib = 1")
        try again.run("SELECT 1")
        again.audit.finish()
        #expect(folder.files.count >= 2)
        let report = try verify(key: nil)
        #expect(report.findings == [])
        #expect(report.records >= 6001)
    }

    @Test("A log that goes on meanwhile is not taken for one that was cut off")
    func growing() throws {
        func write(_ sql: String) throws {
            let desk = try Desk(folder)
            try desk.run(sql)
            desk.audit.finish()
        }
        try write("SELECT 1")
        try "".write(toFile: "\(folder.path)/audit-0.jsonl", atomically: true, encoding: .utf8)
        // The log has been read when the other file is asked for.
        let files = ["\(folder.path)/audit.jsonl", "\(folder.path)/audit-0.jsonl"].lazy.map { path in
            if path.hasSuffix("-0.jsonl") { try? write("SELECT 2") }
            return path
        }
        let report = try LogVerifier.verify(files, head: "\(folder.path)/head.json", key: nil)
        #expect(report.findings == [])
        #expect(try folder.lines().count == 2 * report.records)
    }

    @Test("Another key than that of the log's beginning stops the start")
    func otherKey() throws {
        try write()
        #expect(throws: (any Error).self) { try Desk(folder) }
    }
}
