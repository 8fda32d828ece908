import Cryptography
import FoundationEssentials
import PluginAPI
import PostgresWire
import SQLInspection
import Testing

@testable import Audit

/// A folder that is gone with the test.
final class Folder {
    let path: String

    init() throws {
        let name = "audit-" + (try SecureRandom.bytes(8)).map { String($0, radix: 16) }.joined()
        path = FileManager.default.temporaryDirectory.path + "/" + name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func lines(_ name: String = "audit.jsonl") throws -> [String] {
        let text = try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
        return text.split(separator: "\n").map(String.init)
    }

    func write(_ lines: [String], to name: String = "audit.jsonl") throws {
        try (lines.joined(separator: "\n") + "\n").write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }

    /// The log's files, in the order of their names.
    var files: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".jsonl") }.sorted().map { "\(path)/\($0)" }
    }
}

/// A log and those who write to it, as on one reactor.
struct Desk {
    static let session = SessionIdentity(user: "pg", database: "pgml", applicationName: "app\"1", address: "10.0.0.1")
    let audit: Audit
    let gate: any AdmissionGate
    let observer: any OutcomeObserver

    init(_ folder: Folder, _ toml: String = "", session: SessionIdentity = session) throws {
        audit = try Self.audit(folder, toml)
        gate = audit.gate(for: session)
        observer = audit.observer(of: session)
    }

    static func audit(_ folder: Folder, _ toml: String = "") throws -> Audit {
        let configuration = try Keys.read("directory = \"\(folder.path)\"\n" + toml)
        return try Audit(
            configuration: configuration,
            context: PluginContext(file: "90-audit.toml", wallClock: { .zero }) { _ in throw NoProfile() }
        )
    }

    struct NoProfile: Error {}

    static func completion(_ text: String) -> Completion {
        let bytes = Array(text.utf8)
        return unsafe Completion(tag: bytes.span.bytes)
    }

    /// Statements of a message, which the gate lets pass, and which then end this way.
    func run(
        _ sql: String,
        _ outcome: Outcome = .completed(Desk.completion("SELECT 1")),
        text: Bool = false
    ) throws {
        let statements = try Self.statements(sql)
        let notes = AdmissionNotes()
        _ = gate.admit(event(statements, notes))
        for (index, statement) in statements.enumerated() {
            tell(statement, outcome, notes, place: (index, statements.count), text: text ? sql : nil)
        }
    }

    func event(_ statements: [JudgedStatement], _ notes: AdmissionNotes, _ parameters: [String] = []) -> AdmissionEvent
    {
        AdmissionEvent(
            session: Self.session,
            sessionNumber: 7,
            statements: statements,
            isRefused: false,
            holdsServer: false,
            now: 0,
            constants: Constants(statements: statements),
            parameters: Parameters(values: parameters),
            notes: notes
        )
    }

    func tell(
        _ statement: JudgedStatement?,
        _ outcome: Outcome,
        _ notes: AdmissionNotes? = nil,
        place: (Int, Int) = (0, 1),
        text: String? = nil
    ) {
        observer.statementEnded(
            StatementOutcome(
                session: Self.session,
                sessionNumber: 7,
                statement: statement,
                place: place,
                outcome: outcome,
                duration: 1_234_567,
                bytes: 89,
                text: text,
                isRewritten: false,
                replacement: nil,
                notes: notes
            )
        )
    }

    static func statements(_ sql: String) throws -> [JudgedStatement] {
        let bytes = Array(sql.utf8)
        guard case .statements(let parsed) = unsafe SQLParser.parse(bytes.span.bytes) else {
            throw NoProfile()
        }
        return parsed.map { statement in
            JudgedStatement(
                facts: statement.facts,
                normalizedText: unsafe SQLParser.normalized(bytes.span.bytes) ?? "",
                fingerprint: 0xfeed
            )
        }
    }
}

private struct Constants: StatementConstantSource {
    let statements: [JudgedStatement]

    func value(ofConstant index: Int, in statement: Int) -> String? {
        statements[statement].facts.constants[index].value
    }
}

private struct Parameters: ParameterSource {
    let values: [String]
    var count: Int { values.count }

    func value(ofParameter number: Int) -> ParameterValue {
        values.indices.contains(number - 1) ? .text(values[number - 1]) : .unknown
    }
}
