import FoundationEssentials
import Testing

@testable import Configuration

/// Texts that are not TOML: each is told, none ends the process, which may be serving clients.
@Suite struct MalformedTests {
    @Test(arguments: [
        "[[\n", "[\n", "[", "[[", "[ ", "[#]", "[[ # x", "[=]", "[.a]", "[[.a]]", "[]", "[[]]", "[ä]", "[[\u{0}",
    ])
    func `A table without a name is told by its line`(header: String) {
        let lines = complaints(about: "a = 1\n" + header, as: Anything.self)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("gateway.toml:2: ") == true, "\(lines)")
    }

    @Test(arguments: ["a = [\n}", "a = [\n1, }]", "a = [\n[1, [}]]]", "a = [\n{ b = [ } ] }]"])
    func `A brace where a list's value should be is told by its line`(text: String) {
        let lines = complaints(about: text, as: Anything.self)
        #expect(lines == ["gateway.toml:2: a } stands where a list's value should be; remove it"])
    }

    /// Each level is another turn of a recursion, and another of all paths that lead there.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("a = ", "["), ("a = ", "{a="), ("a = ", "[{a="),
            ("a", ".a"), ("[a", ".a"), ("[[a", ".a"), ("a = {a", ".a"),
        ]
    )
    func `What is nested without end is told by its line`(start: String, piece: String) {
        let text = "b = 1\n" + start + String(repeating: piece, count: 200_000)
        #expect(complaints(about: text, as: Anything.self).first?.hasPrefix("gateway.toml:2") == true)
    }

    @Test func `What is wrong before it comes first`() {
        let lines = complaints(about: "a = tru\n[[\n", as: Anything.self)
        #expect(lines.first?.hasPrefix("gateway.toml:1:") == true, "\(lines)")
    }

    @Test func `Brackets that begin a line within a value are no table's`() throws {
        _ = try TOMLDocument(text: "a = [\n[\n1],\n[[2]]\n]\nb = \"\"\"\n[[\n\"\"\"\n[c]\n", file: "gateway.toml")
    }

    @Test func `Whatever is done to a file, reading it ends in a document or an error`() throws {
        let root = #filePath.split(separator: "/Tests/")[0]
        let files = ["gateway.toml", "plugins.d/10-allowlist.toml", "plugins.d/profiles/inference.toml"]
        let pieces = Array("[]{}=.,\"'#\n\r\\u -_a1\t\u{0}ä[[\"\"\"'''".unicodeScalars)
        var random = Generator(state: 7)
        for name in files {
            let text = Array(try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8).unicodeScalars.prefix(3000))
            for _ in 0..<700 {
                var changed = text
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: 0..<changed.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: changed.removeSubrange(place..<min(changed.count, place + 3))
                    case 1: changed.insert(pieces.randomElement(using: &random)!, at: place)
                    default: changed.removeSubrange(place...)
                    }
                    if changed.isEmpty { break }
                }
                var scalars = String.UnicodeScalarView()
                scalars.append(contentsOf: changed)
                _ = try? TOMLDocument(text: String(scalars), file: name)
            }
        }
    }
}

private struct Anything: Decodable {
    init(from decoder: any Decoder) throws {}
}

/// The same numbers each time.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
