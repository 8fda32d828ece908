import Testing

@testable import SQLInspection

@Suite("Statement cache")
struct CacheTests {
    private func inspected() -> InspectedText {
        InspectedText(
            statements: [ParsedStatement(facts: StatementFacts(kinds: [.select]), range: 0..<1)],
            isTemplate: false
        )
    }

    private func find(_ text: String, in cache: inout StatementCache, hash: UInt64? = nil) -> InspectedText? {
        let bytes = Array(text.utf8)
        let hash = unsafe hash ?? TemplateKey.hash(bytes.span.bytes, [], key: 1)
        guard case .known(let inspected) = unsafe cache.find(hash, bytes.span.bytes, []) else { return nil }
        return inspected
    }

    @discardableResult
    private func insert(_ text: String, in cache: inout StatementCache, hash: UInt64? = nil) -> InspectedText {
        let bytes = Array(text.utf8)
        let inspected = inspected()
        let hash = unsafe hash ?? TemplateKey.hash(bytes.span.bytes, [], key: 1)
        unsafe cache.insert(inspected, hash, bytes.span.bytes, [])
        return inspected
    }

    @Test("It stays within its bytes, whatever comes")
    func boundedInBytes() {
        var cache = StatementCache(capacity: 64 << 10)
        var random = SeededGenerator(seed: 3)
        for number in 0..<5000 {
            insert("SELECT \(number)" + String(repeating: "x", count: random.below(2000)), in: &cache)
            if random.oneIn(3) { _ = find("SELECT \(random.below(number + 1))", in: &cache) }
            #expect(cache.bytes <= 64 << 10)
        }
        #expect(cache.count > 0)
        #expect(cache.evictions == 5000 - cache.count)
    }

    /// The cache holds some 250 entries: those in use come back each 200 statements of a stream whose statements occur
    /// once, each 40 of one whose statements pretend to be in use.
    @Test("What is in use survives a stream of statements that occur once or twice", arguments: [(1, 10), (2, 2)])
    func scanResistance(times: Int, interval: Int) {
        var cache = StatementCache(capacity: 256 << 10)
        let used = (0..<20).map { "SELECT f(\($0))" }
        for text in used {
            insert(text, in: &cache)
            _ = find(text, in: &cache)
        }
        var misses = 0
        for number in 0..<50_000 {
            let unique = "SELECT unique \(number)"
            for _ in 0..<times where find(unique, in: &cache) == nil { insert(unique, in: &cache) }
            if number % interval == 0, find(used[number / interval % used.count], in: &cache) == nil { misses += 1 }
        }
        #expect(misses == 0)
    }

    @Test("What returns soon after it was dropped unused is kept at once")
    func ghosts() {
        var cache = StatementCache(capacity: 64 << 10)
        insert("SELECT again", in: &cache)
        for number in 0..<200 { insert("SELECT \(number)", in: &cache) }
        #expect(find("SELECT again", in: &cache) == nil)
        insert("SELECT again", in: &cache)
        for number in 0..<200 { insert("SELECT once more \(number)", in: &cache) }
        #expect(find("SELECT again", in: &cache) != nil)
    }

    @Test("Texts with the same hash are told apart by their bytes")
    func forcedCollisions() {
        var cache = StatementCache(capacity: 1 << 20)
        let texts = (0..<100).map { "SELECT \($0)" }
        let entries = texts.map { insert($0, in: &cache, hash: 42) }
        for (text, entry) in zip(texts, entries) { #expect(find(text, in: &cache, hash: 42) === entry) }
        #expect(find("SELECT 100", in: &cache, hash: 42) == nil)
        #expect(find("SELECT 1", in: &cache, hash: 43) == nil)
    }

    @Test("A text is never taken for a template whose key has the same bytes")
    func textsAreNotTemplates() {
        var cache = StatementCache(capacity: 1 << 20)
        let text = Array("SELECT 'a'".utf8)
        let key = Array("SELECT \u{01}".utf8)
        let slots = [Slot(kind: .string, start: 7, end: 10)]
        #expect(unsafe TemplateKey.bytes(text.span.bytes, slots) == key)
        unsafe cache.insert(inspected(), 42, text.span.bytes, slots)
        guard case .missing = unsafe cache.find(42, key.span.bytes, []) else {
            Issue.record("found by text what was kept by template")
            return
        }
    }

    @Test("Its index finds, under collisions and removals, what a dictionary finds")
    func indexAgainstModel() {
        var index = HashIndex()
        var model: [Int: UInt64] = [:]
        var hashes: [UInt64] = []
        var random = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            if random.oneIn(2) || model.isEmpty {
                let hash = UInt64(random.below(300)) << 8
                hashes.append(hash)
                let (entry, all) = (hashes.count - 1, hashes)
                index.insert(entry, hash) { all[$0] }
                model[entry] = hash
            } else if let (entry, hash) = model.randomElement(using: &random) {
                let all = hashes
                index.remove(entry, hash) { all[$0] }
                model[entry] = nil
                #expect(index.first(hash) { $0 == entry } == nil)
            }
        }
        for (entry, hash) in model { #expect(index.first(hash) { $0 == entry } == entry) }
    }
}
