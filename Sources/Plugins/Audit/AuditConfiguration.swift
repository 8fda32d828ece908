import Glibc
import PluginAPI

/// The keys of an audit plugin's file.
public struct AuditConfiguration: Decodable {
    enum Guarantee: String { case accepted, before }
    enum OnFull: String { case deny, drop }
    private enum Text: String { case normalized, full }

    struct FullTextRule: Decodable {
        let users: [String]?
        let databases: [String]?
        let parameters: Bool?
    }

    private enum CodingKeys: String, CodingKey {
        case directory, guarantee, ring, text, parameters
        case keyFile = "key_file"
        case keyEnvironment = "key_environment"
        case onFull = "on_full"
        case rotateMebibytes = "rotate_mib"
        case rotateAfter = "rotate_after"
        case checkpointRecords = "checkpoint_records"
        case checkpointAfter = "checkpoint_after"
        case fullText = "full_text"
    }

    let guarantee: Guarantee
    let onFull: OnFull
    private let directory: String
    private let keyFile: String?
    private let keyEnvironment: String?
    private let ring: Int
    private let rotateMebibytes: Int
    private let rotateAfter: Duration
    private let checkpointRecords: Int
    private let checkpointAfter: Duration
    private let text: Text
    private let parameters: Bool
    private let rules: [FullTextRule]

    /// Reads the keys; all of them may be left out.
    public init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        directory = try table.decodeIfPresent(String.self, forKey: .directory) ?? "audit"
        keyFile = try table.decodeIfPresent(String.self, forKey: .keyFile)
        keyEnvironment = try table.decodeIfPresent(String.self, forKey: .keyEnvironment)
        let guarantee = try table.decodeIfPresent(String.self, forKey: .guarantee) ?? "accepted"
        self.guarantee = try Self.word(guarantee, .guarantee, "\"accepted\" or \"before\"")
        let onFull = try table.decodeIfPresent(String.self, forKey: .onFull) ?? "deny"
        self.onFull = try Self.word(onFull, .onFull, "\"deny\" or \"drop\"")
        ring = try table.decodeIfPresent(Int.self, forKey: .ring) ?? 16 * 1024
        rotateMebibytes = try table.decodeIfPresent(Int.self, forKey: .rotateMebibytes) ?? 256
        rotateAfter = try table.decodeIfPresent(Duration.self, forKey: .rotateAfter) ?? .seconds(24 * 3600)
        checkpointRecords = try table.decodeIfPresent(Int.self, forKey: .checkpointRecords) ?? 10_000
        checkpointAfter = try table.decodeIfPresent(Duration.self, forKey: .checkpointAfter) ?? .seconds(10)
        let text = try table.decodeIfPresent(String.self, forKey: .text) ?? "normalized"
        self.text = try Self.word(text, .text, "\"normalized\" or \"full\"")
        parameters = try table.decodeIfPresent(Bool.self, forKey: .parameters) ?? false
        rules = try table.decodeIfPresent([FullTextRule].self, forKey: .fullText) ?? []
    }

    private static func word<Word: RawRepresentable<String>>(
        _ text: String,
        _ key: CodingKeys,
        _ known: String
    ) throws -> Word {
        if let word = Word(rawValue: text) { return word }
        throw PluginConfigurationError(at: [key.rawValue], "\"\(text)\" is not known here; write \(known)")
    }

    // MARK: What they mean

    func fullText() throws -> FullText {
        let writesAllTexts = text == .full
        guard writesAllTexts || !parameters else {
            throw PluginConfigurationError(
                at: [CodingKeys.parameters.rawValue],
                "has no effect without text = \"full\"; to write the values of some users, use [[full_text]]"
            )
        }
        for (index, rule) in rules.enumerated() {
            let place = [CodingKeys.fullText.rawValue, String(index)]
            guard !writesAllTexts else {
                throw PluginConfigurationError(at: place, "can add nothing to text = \"full\"; remove one of the two")
            }
            guard rule.users != nil || rule.databases != nil else {
                throw PluginConfigurationError(
                    at: place,
                    "names neither users nor databases; for all, write text = \"full\""
                )
            }
            guard rule.users?.isEmpty != true, rule.databases?.isEmpty != true else {
                throw PluginConfigurationError(at: place, "has an empty list, so that it would never match; remove it")
            }
        }
        return FullText(
            all: writesAllTexts,
            allParameters: parameters,
            rules: rules.map {
                FullText.Rule(
                    users: $0.users.map { Set($0) },
                    databases: $0.databases.map { Set($0) },
                    parameters: $0.parameters ?? false
                )
            }
        )
    }

    func settings(in base: String) throws -> LogSettings {
        guard !directory.isEmpty else {
            throw PluginConfigurationError(at: [CodingKeys.directory.rawValue], "is empty; write directory = \"audit\"")
        }
        var settings = LogSettings(directory: Self.path(directory, in: base), key: try key(in: base))
        settings.ringCapacity = try within(64...(1 << 20), ring, .ring)
        guard settings.ringCapacity & (settings.ringCapacity - 1) == 0 else {
            throw PluginConfigurationError(
                at: [CodingKeys.ring.rawValue],
                "\(ring) is not a power of two; write \(1 << (Int.bitWidth - ring.leadingZeroBitCount))"
            )
        }
        settings.rotateBytes = try within(1...(1 << 20), rotateMebibytes, .rotateMebibytes) << 20
        settings.rotateSeconds = Int(rotateAfter.components.seconds)
        settings.checkpointRecords = try within(1...1_000_000, checkpointRecords, .checkpointRecords)
        settings.checkpointSeconds = try within(1...86_400, Int(checkpointAfter.components.seconds), .checkpointAfter)
        return settings
    }

    private func within(_ range: ClosedRange<Int>, _ value: Int, _ key: CodingKeys) throws -> Int {
        if range.contains(value) { return value }
        throw PluginConfigurationError(
            at: [key.rawValue],
            "is out of bounds; write a value from \(range.lowerBound) to \(range.upperBound)"
        )
    }

    private static func path(_ path: String, in base: String) -> String {
        if path.hasPrefix("/") || base == "." { return path }
        return base.hasSuffix("/") ? base + path : "\(base)/\(path)"
    }

    private func key(in base: String) throws -> ChainKey {
        guard keyFile == nil || keyEnvironment == nil else {
            throw PluginConfigurationError(
                at: [CodingKeys.keyEnvironment.rawValue],
                "is given beside key_file; remove one of the two"
            )
        }
        do {
            if let keyFile { return try ChainKey(KeyFile.read(Self.path(keyFile, in: base))) }
        } catch let failure as LogFailure {
            throw PluginConfigurationError(at: [CodingKeys.keyFile.rawValue], "\(failure)")
        }
        guard let keyEnvironment else { return try ChainKey(nil) }
        guard let value = unsafe getenv(keyEnvironment), unsafe strlen(value) >= KeyFile.shortest else {
            throw PluginConfigurationError(
                at: [CodingKeys.keyEnvironment.rawValue],
                "\(keyEnvironment) is not set, or is shorter than \(KeyFile.shortest) bytes"
            )
        }
        return try ChainKey(Array(unsafe String(cString: value).utf8))
    }
}
