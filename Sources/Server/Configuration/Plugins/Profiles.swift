import FoundationEssentials
import PluginAPI
import Synchronization

/// `profiles/NAME.toml` beside a plugin file: what that file's plugin has read of them, and what was wrong.
final class Profiles: Sendable {
    private let pluginFile: String
    private let directory: String
    private let records = Mutex<[DecodingRecord]>([])

    init(besides pluginFile: String) {
        self.pluginFile = pluginFile
        let slash = pluginFile.utf8.lastIndex(of: UInt8(ascii: "/"))
        directory = (slash.map { String(pluginFile[...$0]) } ?? "") + "profiles"
    }

    /// - Throws: why there is no such profile, or its syntax errors.
    func decoder(for name: String) throws(ConfigurationErrors) -> any Decoder {
        let known = names()
        guard known.contains(name) else {
            let remedy = known.isEmpty ? "\(directory) holds none" : "write \(Words.alternatives(known))"
            throw ConfigurationErrors([
                ConfigurationError(file: pluginFile, message: "there is no profile \"\(name)\"; \(remedy)")
            ])
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
    func attribute(_ error: any Error, orTo record: DecodingRecord) {
        let records = records.withLock { $0 }
        switch error {
        case is DecodingError:
            (records.last ?? record).note(error, thrownAt: .root)
        case let error as PluginConfigurationError:
            let owner = ([record] + records).first { $0.document.root.path(following: error.keyPath).leadsToTheEnd }
            (owner ?? record).note(error, thrownAt: .root)
        default:
            record.note(error, thrownAt: .root)
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
