import Cryptography

/// Reads a log and finds what was changed, removed, moved, doubled or cut off.
package struct LogVerifier {
    /// Something that is not as the gateway wrote it.
    package struct Finding: Sendable, Hashable, CustomStringConvertible {
        package let file: String
        /// From 1; 0 for the file as a whole.
        package let line: Int
        package let message: String

        /// `audit/audit.jsonl:17: …`
        package var description: String { line == 0 ? "\(file): \(message)" : "\(file):\(line): \(message)" }
    }

    /// What was read.
    package struct Report: Sendable {
        package var findings: [Finding] = []
        package var records = 0
        package var checkpoints = 0
        package var first = 0
        package var last = 0
        package var stream = ""
        /// Whether the chain has a key, so that only who knows it could have made it.
        package var isKeyed: Bool
        /// Whether `head.json` was there, and says no more than the files do.
        package var endIsKnown = false
    }

    private let key: ChainKey
    private let chain: MessageDigest
    private var report: Report
    private var digest: [UInt8]?
    private var ended = (file: "", line: 0, isChecked: false)
    private static let mostFindings = 100

    /// - Parameter secret: the key; nil where the log has none.
    package init(key secret: [UInt8]?) throws {
        key = try ChainKey(secret)
        chain = try key.chain()
        report = Report(isKeyed: secret != nil)
    }

    /// Verifies files of one log, in whatever order they are named.
    ///
    /// - Parameter head: the path of `head.json`; nil when none is to be had.
    package static func verify(_ files: [String], head: String?, key: [UInt8]?) throws -> Report {
        var verifier = try LogVerifier(key: key)
        var texts: [(file: String, bytes: [UInt8], first: Int)] = []
        for file in files {
            guard let bytes = try LogFile.contents(file) else {
                verifier.find(file, 0, "is not there")
                continue
            }
            // Rotation leaves an empty file for a moment.
            guard !bytes.isEmpty else { continue }
            let first = bytes.split(separator: UInt8(ascii: "\n")).lazy.compactMap { Line($0) }.first?.sequence
            texts.append((file, bytes, first ?? Int.max))
        }
        texts.sort { $0.first < $1.first }
        for text in texts { try verifier.read(text.bytes, of: text.file) }
        try verifier.compare(with: head, texts.last?.file)
        return verifier.report
    }

    private mutating func find(_ file: String, _ line: Int, _ message: String) {
        if report.findings.count < Self.mostFindings {
            report.findings.append(Finding(file: file, line: line, message: message))
        }
    }

    private func digest(after previous: [UInt8], _ body: ArraySlice<UInt8>) throws -> [UInt8] {
        var digest = previous
        try unsafe chain.link(&digest, body.span.bytes)
        return digest
    }

    // MARK: Lines

    private mutating func read(_ bytes: [UInt8], of file: String) throws {
        var number = 0
        var rest = bytes[...]
        var isFirst = true
        while !rest.isEmpty {
            number += 1
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                find(file, number, "the line is cut off")
                break
            }
            let text = rest[..<end]
            rest = rest[(end + 1)...]
            guard let line = Line(text) else {
                find(file, number, "is not a record of the gateway's: it was changed")
                digest = nil
                continue
            }
            if isFirst, report.records > 0, line.type != "open" {
                find(file, number, "the file does not begin with the record that binds it to the one before")
            }
            isFirst = false
            try check(line, file, number)
        }
    }

    private mutating func check(_ line: Line, _ file: String, _ number: Int) throws {
        let stream = String(decoding: line.stream, as: UTF8.self)
        if report.records == 0 {
            report.stream = stream
            report.first = line.sequence
            report.last = line.sequence - 1
            if line.type == "open", let previous = line.value(of: "digest") {
                digest = Line.bytes(hexadecimal: previous.utf8)
            } else {
                find(file, number, "the file does not begin with an \"open\" record: what came before was removed")
            }
        } else if stream != report.stream {
            find(file, number, "is of another log (stream \(stream), not \(report.stream))")
        }
        if line.type == "open", let name = line.value(of: "key"), name != key.name {
            let remedy =
                name == "none" ? "has no key" : "was written under key \(name), and the one given is \(key.name)"
            find(file, number, "the log \(remedy)")
        }
        report.records += 1
        if line.type == "checkpoint" { report.checkpoints += 1 }
        let expected = report.last + 1
        if line.sequence > expected {
            let gone =
                line.sequence - 1 == expected
                ? "record \(expected) is" : "records \(expected) to \(line.sequence - 1) are"
            find(file, number, "\(gone) missing before record \(line.sequence)")
        } else if line.sequence < expected {
            find(file, number, "record \(line.sequence) is here again, or was moved: record \(expected) was expected")
        } else if let before = digest, try digest(after: before, line.body) != line.digest {
            find(file, number, "record \(line.sequence) was changed, or the one before it, or the key is another one")
        } else if digest == nil, line.sequence != report.first {
            // What stood before could not be read, and is found already.
        }
        if line.sequence >= expected { report.last = line.sequence }
        digest = line.digest
        ended = (file, number, line.type == "checkpoint")
    }

    // MARK: The end

    private mutating func compare(with path: String?, _ lastFile: String?) throws {
        guard let lastFile else { return }
        guard let path, let bytes = try LogFile.contents(path) else { return }
        guard let head = Line(bytes[...].prefix { $0 != UInt8(ascii: "\n") }), head.type == "head",
            try digest(after: ChainKey.zeros, head.body) == head.digest,
            let last = head.value(of: "last").flatMap({ Line.bytes(hexadecimal: $0.utf8) })
        else { return find(path, 1, "was changed, or the key is another one") }
        guard String(decoding: head.stream, as: UTF8.self) == report.stream else {
            return find(path, 1, "is of another log")
        }
        if head.sequence > report.last {
            find(
                lastFile,
                ended.line,
                "the log is cut off after record \(report.last): \(path) says that there were \(head.sequence)"
            )
        } else if head.sequence == report.last, let digest, last != digest {
            find(lastFile, ended.line, "is not the record \(report.last) that \(path) knows")
        } else {
            report.endIsKnown = true
        }
    }
}
