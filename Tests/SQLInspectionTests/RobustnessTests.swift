import Testing

@testable import SQLInspection

@Suite("Mutated statements")
struct RobustnessTests {
    /// A small generator of its own, so that a failure can be repeated.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let pieces: [[UInt8]] = CorpusStatement.all.flatMap { statement in
        statement.sql.split(separator: " ").map { Array($0.utf8) + [0x20] }
    }

    static func mutated(_ text: [UInt8], _ generator: inout Generator) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...text.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0 where place < text.count: text[place] = UInt8.random(in: 0...255, using: &generator)
            case 1 where place < text.count: text.remove(at: place)
            case 2: text.insert(UInt8.random(in: 0x20...0x7E, using: &generator), at: place)
            case 3: text.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
            case 4 where place < text.count:
                text.removeSubrange(place..<min(text.count, place + Int.random(in: 1...12, using: &generator)))
            default:
                let other = Array((CorpusStatement.all.randomElement(using: &generator)?.sql ?? "").utf8)
                text = Array(text.prefix(place)) + other.suffix(Int.random(in: 0...other.count, using: &generator))
            }
        }
        return text
    }

    @Test(arguments: 0..<20)
    func `never crash, and facts stay sound`(seed: Int) {
        var generator = Generator(state: UInt64(seed))
        for statement in CorpusStatement.all {
            for _ in 0..<5 {
                let text = Self.mutated(Array(statement.sql.utf8), &generator)
                guard case .statements(let found) = unsafe SQLParser.parse(text.span.bytes) else { continue }
                for statement in found {
                    #expect(statement.range.upperBound <= text.count)
                    let offsets = statement.facts.constants.map(\.offset).filter { $0 >= 0 }
                    #expect(offsets == offsets.sorted() && offsets.allSatisfy { $0 < text.count })
                    #expect(!statement.facts.kinds.contains(.unknown) || statement.facts.undecided != nil)
                }
            }
        }
    }
}
