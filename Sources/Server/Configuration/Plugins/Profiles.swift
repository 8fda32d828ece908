import FoundationEssentials
import PluginAPI
import Synchronization

/// `profiles/NAME.toml` beside a plugin file: what that file's plugin has read of them, and what was wrong.
final class Profiles: Sendable {
    private let pluginRecord: DecodingRecord
    private let directory: String
    private let records = Mutex<[DecodingRecord]>([])

    /// - Parameter pluginRecord: where a complaint about a profile that is not there goes.
    init(besides pluginRecord: DecodingRecord) {
        self.pluginRecord = pluginRecord
        let file = pluginRecord.document.file
        let slash = file.utf8.lastIndex(of: UInt8(ascii: "/"))
        directory = (slash.map { String(file[...$0]) } ?? "") + "profiles"
    }

    /// - Throws: its syntax errors, or that the reason why there is no such profile is on record.
    func decoder(for name: String) throws -> any Decoder {
        let known = names()
        guard known.contains(name) else {
            let alternatives = Words.alternatives(known.map { "\"\($0)\"" })
            let remedy = known.isEmpty ? "\(directory) holds none" : "write \(alternatives)"
            let readers = [pluginRecord] + records.withLock { $0 }
            let reader = readers.first { $0.document.root.path(ofString: name) != nil } ?? pluginRecord
            let place = reader.document.root.path(ofString: name) ?? .root
            reader.note("there is no profile \"\(name)\"; \(remedy)", at: place)
            throw Recorded()
        }
        let document = try TOMLDocument(contentsOf: "\(directory)/\(name).toml")
        let record = DecodingRecord(document)
        record.visit(document.root, at: .root)
        records.withLock { $0.append(record) }
        return StrictDecoder(node: document.root, path: .root, record: record)
    }

    /// Puts what making the plugin threw on the record of the file it is about.
    ///
    /// A plugin is made from its own file first and reads profiles after that, so an error of decoding belongs to the
    /// profile that was read last. A plugin's own complaint is about its file, unless only a profile has such a key.
    func attribute(_ error: any Error) {
        let records = records.withLock { $0 }
        switch error {
        case is DecodingError:
            (records.last ?? pluginRecord).note(error, thrownAt: .root)
        case let error as PluginConfigurationError:
            let candidates = [pluginRecord] + records
            let owner = candidates.first { $0.document.root.path(following: error.keyPath).leadsToTheEnd }
            (owner ?? pluginRecord).note(error, thrownAt: .root)
        default:
            pluginRecord.note(error, thrownAt: .root)
        }
    }

    /// What is wrong with the profiles that were read.
    func errors() -> [ConfigurationError] {
        records.withLock { $0 }.flatMap { $0.errors() }
    }

    /// Going by the directory's listing, no name can lead out of it.
    private func names() -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.map { String($0.dropLast(5)) }.sorted()
    }
}
