import Testing

@testable import SQLInspection

@Suite("Inspector")
struct InspectorTests {
    private func inspect(
        _ text: String,
        with inspector: Inspector,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> (inspected: InspectedText, path: InspectionPath) {
        let bytes = Array(text.utf8)
        guard case .inspected(let inspected, let path) = unsafe inspector.inspect(bytes.span.bytes) else {
            Issue.record("no facts for \(text)", sourceLocation: sourceLocation)
            throw InspectionFailure.embeddedNull
        }
        return (inspected, path)
    }

    private func values(_ text: String, with inspector: Inspector) throws -> [String] {
        let bytes = Array(text.utf8)
        let (inspected, _) = try inspect(text, with: inspector)
        return inspected.statements[0].facts.constants.indices.map {
            unsafe inspector.literal($0, of: inspected, text: bytes.span.bytes)
        }
    }

    @Test("A text is read by the grammar once; then its template serves, or the text itself")
    func paths() throws {
        let inspector = Inspector(seed: 1)
        #expect(try inspect("SELECT pgml.embed('m', 'a')", with: inspector).path == .grammar)
        #expect(try inspect("SELECT pgml.embed('m', 'a')", with: inspector).path == .template)
        #expect(try inspect("SELECT pgml.embed('n', 'another')", with: inspector).path == .template)
        #expect(try inspect("SELECT now()", with: inspector).path == .grammar)
        #expect(try inspect("SELECT now()", with: inspector).path == .text)
        #expect(try inspect("SELECT E'a'", with: inspector).path == .grammar)
        #expect(try inspect("SELECT E'a'", with: inspector).path == .text)
        #expect(try inspect("SELECT a FROM t ORDER BY 1", with: inspector).path == .grammar)
        #expect(try inspect("SELECT a FROM t ORDER BY 1", with: inspector).path == .text)
        #expect(try inspect("SELECT a FROM t ORDER BY 2", with: inspector).path == .grammar)
        let statistics = inspector.statistics
        #expect(statistics.byGrammar == 5 && statistics.byTemplate == 2 && statistics.byText == 3)
        #expect(statistics.cached == 6 && statistics.cachedBytes > 0 && statistics.evicted == 0)
    }

    @Test("Constants are those of the text at hand, never of the template's first text")
    func literals() throws {
        let inspector = Inspector(seed: 1)
        #expect(try values("SELECT f('secret', -1, 2.5)", with: inspector) == ["secret", "-1", "2.5"])
        #expect(try values("SELECT f('it''s', -0, 7.25)", with: inspector) == ["it's", "0", "7.25"])
        #expect(try values("SELECT f('☃', -2147483647, 0.0)", with: inspector) == ["☃", "-2147483647", "0.0"])
        #expect(inspector.statistics.byTemplate == 2)
        let facts = try inspect("SELECT f('', -1, 2.5)", with: inspector).inspected.statements[0].facts
        #expect(facts.constants.map(\.value) == ["", "", ""])
    }

    @Test("Ranges and offsets of a template are carried over to the text at hand")
    func offsets() throws {
        let inspector = Inspector(seed: 1)
        _ = try inspect(" SELECT f('a'), g(1) ; ", with: inspector)
        let text = Array(" SELECT f('longer'), g(12345) ; ".utf8)
        let (inspected, path) = try inspect(String(decoding: text, as: UTF8.self), with: inspector)
        #expect(path == .template)
        #expect(unsafe inspector.range(of: inspected, text: text.span.bytes) == 1..<text.count - 3)
        #expect(inspector.literalRange(1, of: inspected) == 23..<28)
        let calls = inspected.statements[0].facts.calls
        #expect(calls.map { inspector.offset($0.offset, in: inspected) } == [8, 21])
        #expect(inspector.offset(-1, in: inspected) == -1)
    }

    @Test("A verdict's key matches the texts that agree in its literals, byte for byte")
    func literalKeys() throws {
        let inspector = Inspector(seed: 1)
        var models = ConstantSet()
        models.insert(0)
        models.insert(2)
        func key(_ text: String) throws -> LiteralKey {
            let inspected = try inspect(text, with: inspector).inspected
            return unsafe inspector.literalKey(models, of: inspected, text: Array(text.utf8).span.bytes)
        }
        func isMatch(_ key: LiteralKey, _ text: String) throws -> Bool {
            let inspected = try inspect(text, with: inspector).inspected
            let bytes = Array(text.utf8)
            let hash = unsafe inspector.literalHash(models, of: inspected, text: bytes.span.bytes)
            let isMatch = unsafe inspector.matches(key, of: inspected, text: bytes.span.bytes)
            #expect(isMatch == (hash == key.hash))
            return isMatch
        }
        let known = try key("SELECT f('a', 'text', 'bc')")
        #expect(try isMatch(known, "SELECT f('a', 'other text', 'bc')"))
        #expect(try !isMatch(known, "SELECT f('ab', 'text', 'c')"))
        #expect(try !isMatch(known, "SELECT f('a', 'text', 'bd')"))
        #expect(try !isMatch(known, "SELECT f('A', 'text', 'bc')"))
        #expect(!models.contains(1) && !models.contains(64) && !ConstantSet().contains(0))
    }

    @Test("Long texts go to a worker unless their template is known; what is too long fails")
    func lengths() throws {
        let limits = Inspector.Limits(maximumStatementBytes: 100_000, reactorParseLimit: 1000)
        let inspector = Inspector(limits: limits, seed: 1)
        func embed(_ count: Int) -> [UInt8] {
            Array("SELECT pgml.embed('m', '\(String(repeating: "x", count: count))')".utf8)
        }
        guard case .needsWorker = unsafe inspector.inspect(embed(50_000).span.bytes) else {
            Issue.record("expected a worker")
            return
        }
        let parsed = unsafe SQLParser.parse(embed(50_000).span.bytes)
        guard case .inspected(let inspected, .grammar) = unsafe inspector.admit(embed(50_000).span.bytes, parsed) else {
            Issue.record("expected facts")
            return
        }
        #expect(unsafe inspector.literal(1, of: inspected, text: embed(50_000).span.bytes).utf8.count == 50_000)
        #expect(inspector.statistics.cachedBytes < 4000, "the first text's literals are not kept")
        guard case .inspected(_, .template) = unsafe inspector.inspect(embed(90_000).span.bytes) else {
            Issue.record("expected the template")
            return
        }
        guard case .failed(.tooLong(limit: 100_000)) = unsafe inspector.inspect(embed(100_000).span.bytes) else {
            Issue.record("expected a failure")
            return
        }
        let statistics = inspector.statistics
        #expect(statistics.sentToWorker == 1 && statistics.failed == 1 && statistics.byTemplate == 1)
    }

    @Test("A long text without a template is judged and not kept")
    func longTextsAreNotKept() throws {
        let inspector = Inspector(seed: 1)
        let long = Array(("SELECT a" + String(repeating: ", a", count: 8000)).utf8)
        for _ in 0..<2 {
            guard case .needsWorker = unsafe inspector.inspect(long.span.bytes) else {
                Issue.record("expected a worker")
                return
            }
            _ = unsafe inspector.admit(long.span.bytes, SQLParser.parse(long.span.bytes))
        }
        #expect(inspector.statistics.cached == 0)
    }

    @Test("What the grammar refuses fails, and is not kept")
    func failures() throws {
        let inspector = Inspector(seed: 1)
        for text: [UInt8] in [Array("SELEC 1".utf8), Array("SELECT '".utf8) + [0xFF] + Array("'".utf8), [0]] {
            guard case .failed = unsafe inspector.inspect(text.span.bytes) else {
                Issue.record("expected a failure")
                continue
            }
        }
        #expect(inspector.statistics.failed == 3 && inspector.statistics.cached == 0)
    }

    @Test("Invalid UTF-8 fails although the template is known")
    func invalidEncodingInKnownTemplate() throws {
        let inspector = Inspector(seed: 1)
        _ = try inspect("SELECT 'a'", with: inspector)
        let text = Array("SELECT '".utf8) + [0xC3, 0x28] + Array("'".utf8)
        guard case .failed(.invalidEncoding) = unsafe inspector.inspect(text.span.bytes) else {
            Issue.record("expected a failure")
            return
        }
    }
}
