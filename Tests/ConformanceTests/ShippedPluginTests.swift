import FoundationEssentials
import PluginAPI
import PluginTestKit
import Registry
import Testing

@testable import Configuration

/// Every kind of plugin that is built in, with a file that an operator could have written.
@Suite struct ShippedPluginTests {
    @Test(arguments: Sample.all)
    func `Its file loads`(sample: Sample) throws {
        _ = try sample.load()
    }

    @Test(arguments: Sample.all)
    func `A key that it does not know is refused by file, line and key`(sample: Sample) throws {
        let complaints = sample.complaints(with: "no_such_key_anywhere = 1\n" + sample.text)
        #expect(complaints.count == 1)
        #expect(complaints.first?.hasPrefix("\(sample.file):1: no_such_key_anywhere: is not a known key") == true)
    }

    @Test(arguments: Sample.all)
    func `A value of the wrong type is refused by file, line and key`(sample: Sample) throws {
        let keys = sample.ownKeys
        #expect(!keys.isEmpty, "the sample shows no key of its own")
        for key in keys {
            // No key takes a date.
            let complaints = sample.complaints(with: sample.text(replacing: key, by: "1979-05-27"))
            #expect(complaints.contains { $0.hasPrefix("\(sample.file):1: \(key): ") }, "\(key): \(complaints)")
        }
    }

    @Test(arguments: Sample.all)
    func `It does what every plugin must`(sample: Sample) throws {
        #expect(try PluginConformance { try sample.load() }.violations() == [])
    }
}

/// A plugin file of one kind: the one that is shipped in plugins.d, or the one in Tests/Corpora/plugins.d.
struct Sample: Sendable, CustomTestStringConvertible {
    let kind: String
    let file: String
    let text: String

    var testDescription: String { kind }

    /// One for each kind that is built in.
    static let all: [Sample] = BuiltInPlugins.kinds.map { kind in
        let directories = ["plugins.d", "Tests/Corpora/plugins.d"].map { "\(root)/\($0)" }
        for directory in directories {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            for name in names.sorted() where name.hasSuffix(".toml") {
                let file = "\(directory)/\(name)"
                guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { continue }
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                guard lines.contains("kind = \"\(kind.name)\"") else { continue }
                let enabled = lines.filter { !$0.hasPrefix("enabled =") }.joined(separator: "\n")
                return Sample(kind: kind.name, file: file, text: enabled)
            }
        }
        preconditionFailure("write Tests/Corpora/plugins.d/\(kind.name).toml")
    }

    func load() throws -> any Plugin { try load(text) }

    private func load(_ text: String) throws -> any Plugin {
        let document = try TOMLDocument(text: text, file: file)
        return try #require(try PluginFile(document, kinds: BuiltInPlugins.kinds).load()).plugin
    }

    /// The lines an operator would see for another text of the file.
    func complaints(with text: String) -> [String] {
        do {
            _ = try load(text)
            return []
        } catch {
            return "\(error)".split(separator: "\n").map(String.init)
        }
    }

    /// The keys at the top of the file that are the plugin's own.
    var ownKeys: [String] {
        guard let document = try? TOMLDocument(text: text, file: file), case .table(let table) = document.root else {
            return []
        }
        let common = Set(PluginHeader.CodingKeys.allCases.map(\.stringValue))
        return table.keys.filter { !common.contains($0) }.sorted()
    }

    /// The file with one of its keys, a table or a list of them included, made another value on the first line.
    func text(replacing key: String, by value: String) -> String {
        var kept: [Substring] = ["\(key) = \(value)"]
        var isInTable = false
        var isInKey = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("[") {
                isInTable = true
                let name = line.drop { $0 == "[" }.prefix { $0 != "]" && $0 != "." }
                isInKey = name == key
            } else if !isInTable, let word = line.split(separator: " ").first, line.contains("="), !line.hasPrefix("#")
            {
                isInKey = word == key
            } else if !isInTable, line.isEmpty || line.hasPrefix("#") {
                isInKey = false
            }
            if !isInKey { kept.append(line) }
        }
        return kept.joined(separator: "\n")
    }

    private static let root = #filePath.split(separator: "/Tests/")[0].description
}
