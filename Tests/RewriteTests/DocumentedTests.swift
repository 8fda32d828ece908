import Configuration
import FoundationEssentials
import PluginAPI
import Testing

@testable import Rewrite

/// What docs/rewriting.md shows is taken as it stands, its tests run.
@Suite struct DocumentedTests {
    private static func examples() throws -> [String] {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = try String(contentsOfFile: "/\(folder)/docs/rewriting.md", encoding: .utf8)
        return text.components(between: "```toml\n", and: "```")
    }

    @Test func `every example is a plugin file`() throws {
        let examples = try Self.examples()
        #expect(examples.count == 3)
        for example in examples {
            let document = try TOMLDocument(text: example, file: "docs/rewriting.md")
            let loaded = try PluginFile(document, kinds: [PluginKind(Rewrite.self)]).load()
            #expect(loaded?.plugin is Rewrite)
        }
    }
}

extension String {
    fileprivate func components(between start: String, and end: String) -> [String] {
        ranges(of: start).map { range in
            let rest = self[range.upperBound...]
            return String(rest[..<(rest.firstRange(of: end)?.lowerBound ?? rest.endIndex)])
        }
    }
}
