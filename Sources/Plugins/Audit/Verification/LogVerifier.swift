import Cryptography

/// Reads a log and finds what was changed, removed, moved, doubled or cut off.
package struct LogVerifier {
    /// Something that is not as the gateway wrote it.
    package struct Finding: Sendable, Hashable, CustomStringConvertible {
        /// The file's path, as it was named.
        package let file: String
        /// From 1; 0 for the file as a whole.
        package let line: Int
        /// What is wrong there.
        package let message: String

        /// `audit/audit.jsonl:17: …`
        package var description: String {
            line == 0 ? "\(file): \(message)" : "\(file):\(line): \(message)"
        }
    }

    /// What was read.
    package struct Report: Sendable {
        /// The first hundred, in the order of the log.
        package var findings: [Finding] = []
        /// How many records could be read, checkpoints among them.
        package var records = 0
        /// How many of them are checkpoints.
        package var checkpoints = 0
        /// The number of the first record; 0 where there is none.
        package var first = 0
        /// The highest number of a record.
        package var last = 0
        /// Which log it is.
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
    /// The line of the last record in its file.
    private var lastLine = 0
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
    package static func verify(_ files: some Sequence<String>, head: String?, key: [UInt8]?) throws
        -> Report
    {
        var verifier = try LogVerifier(key: key)
        // Before the log: a gateway that writes meanwhile only makes that longer.
        let known = try head.flatMap { try LogFile.contents($0) }
        var elder: [(file: String, first: Int)] = []
        var newest: (file: String, first: Int, bytes: [UInt8])?
        for file in files {
            guard let bytes = try LogFile.contents(file) else {
                verifier.find(file, 0, "is not there")
                continue
            }
            // Rotation leaves an empty file for a moment.
            guard !bytes.isEmpty else { continue }
            let first = firstSequence(in: bytes)
            if let newest, first < newest.first {
                elder.append((file, first))
            } else {
                if let newest { elder.append((newest.file, newest.first)) }
                newest = (file, first, bytes)
            }
        }
        guard let newest else { return verifier.report }
        elder.sort { $0.first < $1.first }
        // One at a time: together they may be more than there is memory for. The newest is not read again: a gateway may
        // put it aside meanwhile.
        for part in elder { try verifier.read(LogFile.contents(part.file) ?? [], of: part.file) }
        try verifier.read(newest.bytes, of: newest.file)
        if let head, let known { try verifier.compare(with: known, of: head, newest.file) }
        return verifier.report
    }

    /// The number of the first record that can be read.
    private static func firstSequence(in bytes: [UInt8]) -> Int {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if let line = Line(rest[..<end]) { return line.sequence }
            rest = rest[(end + 1)...]
        }
        return Int.max
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
                find(
                    file,
                    number,
                    "the file does not begin with the record that binds it to the one before"
                )
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
                find(
                    file,
                    number,
                    "the file does not begin with an \"open\" record: what came before was removed"
                )
            }
        } else if stream != report.stream {
            find(file, number, "is of another log (stream \(stream), not \(report.stream))")
        }
        if line.type == "open", let name = line.value(of: "key"), name != key.name {
            let remedy =
                name == "none"
                ? "has no key" : "was written under key \(name), and the one given is \(key.name)"
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
            find(
                file,
                number,
                "record \(line.sequence) is here again, or was moved: record \(expected) was expected"
            )
            // Without a digest, what stood before could not be read, and is found already.
        } else if let before = digest, try digest(after: before, line.body) != line.digest {
            find(
                file,
                number,
                "record \(line.sequence) was changed, or the one before it, or the key is another one"
            )
        }
        if line.sequence >= expected { report.last = line.sequence }
        digest = line.digest
        lastLine = number
    }

    // MARK: The end

    /// Holds the end of the log against what `head.json` knows of it.
    private mutating func compare(with bytes: [UInt8], of path: String, _ lastFile: String) throws {
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
                lastLine,
                "the log is cut off after record \(report.last): \(path) says that there were \(head.sequence)"
            )
        } else if head.sequence == report.last, let digest, last != digest {
            find(lastFile, lastLine, "is not the record \(report.last) that \(path) knows")
        } else {
            report.endIsKnown = true
        }
    }
}
