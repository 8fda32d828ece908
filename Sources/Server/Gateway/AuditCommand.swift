import ArgumentParser
import Audit
import Glibc

/// `pgml-gateway audit`: what is to be done with audit logs.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Work with audit logs.",
        subcommands: [AuditVerify.self]
    )
}

/// `pgml-gateway audit verify FILE…`: whether a log is as the gateway wrote it.
struct AuditVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Tell whether a log is as the gateway wrote it.",
        discussion: """
            Name all files of the log that are to be verified together, in any order. Finds records that were changed, \
            removed, moved or repeated, and a log that was cut off: the end is held against head.json beside the last \
            file, or against a copy of it that was kept elsewhere. Ends with status 1 when anything is found.
            """
    )

    @Argument(help: "The files, audit.jsonl among them.")
    var files: [String]

    @Option(help: "The file with the key that the log was written under.")
    var keyFile: String?

    @Option(help: "The file that says how far the log goes. Default: head.json beside the last file named.")
    var head: String?

    func run() throws {
        let key = try keyFile.map { try KeyFile.read($0) }
        if let head, unsafe access(head, R_OK) != 0 {
            throw ValidationError("--head: \(head) cannot be read; name the file, or a copy of it")
        }
        let head = head ?? Self.sibling("head.json", of: files[files.count - 1])
        let report = try LogVerifier.verify(files, head: head, key: key)
        for finding in report.findings { print(finding) }
        guard report.findings.isEmpty else {
            let count = report.findings.count
            print("not as it was written: \(count) \(count == 1 ? "finding" : "findings") in \(report.records) records")
            throw ExitCode(1)
        }
        let range = report.records == 0 ? "" : ", \(report.first) to \(report.last) of stream \(report.stream)"
        print("as it was written: \(report.records) records\(range), \(report.checkpoints) checkpoints")
        if report.first > 1 { print("what came before record \(report.first) is not among the files") }
        if !report.endIsKnown { print("whether the end was cut off cannot be told: there is no \(head)") }
        if !report.isKeyed {
            print("the chain has no key: accidents show, and not what somebody did who knows how it is made")
        }
    }

    private static func sibling(_ name: String, of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) + name } ?? name
    }
}
