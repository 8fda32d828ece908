/// Gives each query text its facts, the fastest way that is safe: by text, by template, by grammar.
///
/// One per reactor and confined to it. What it says of the literals of a text (`literal`, `literalRange`, …) is about
/// the text inspected last and holds until the next call of `inspect` or `admit`: whoever comes back to a text later,
/// for a Bind of a statement parsed before, inspects it again, which is cheap by then.
public final class Inspector {
    /// How long texts may be, and how much is remembered of them.
    public struct Limits: Sendable, Hashable {
        /// Longer texts fail.
        public var maximumStatementBytes: Int
        /// Longer texts are parsed by a worker thread, so that one client's long statement does not stall the others.
        /// The reactor's stack must be in proportion (`ParseLimits.bytes`).
        public var reactorParseLimit: Int
        /// What this reactor's cache may take.
        public var cacheBytes: Int

        /// Limits in bytes.
        public init(
            maximumStatementBytes: Int = 1 << 20,
            reactorParseLimit: Int = 16 << 10,
            cacheBytes: Int = 8 << 20
        ) {
            self.maximumStatementBytes = maximumStatementBytes
            self.reactorParseLimit = reactorParseLimit
            self.cacheBytes = cacheBytes
        }
    }

    /// Longer keys are not cached: they are rarely the same twice, and one is worth hundreds of short ones.
    private static let longestKey = 16 << 10

    private let limits: Limits
    private let admission: TemplateAdmission
    let seed: UInt64
    var rules: AdmissionRule { admission.rules }
    private var lexer: TemplateLexer
    private var cache: StatementCache
    private var counts = InspectionStatistics()
    /// The template that the lexer's slots belong to, if it was answered with one.
    private var currentTemplate: ObjectIdentifier?

    /// - Parameter seed: keys the hashes; random, so that nobody can prepare texts that collide.
    public convenience init(limits: Limits = Limits(), seed: UInt64 = .random(in: .min ... .max)) {
        self.init(limits: limits, seed: seed, rules: .all)
    }

    init(limits: Limits, seed: UInt64, rules: AdmissionRule) {
        self.limits = limits
        self.seed = seed
        admission = TemplateAdmission(rules: rules)
        lexer = TemplateLexer(rules: rules)
        cache = StatementCache(capacity: limits.cacheBytes)
    }

    /// Facts for `text`, a query text without its terminator.
    public func inspect(_ text: RawSpan) -> Inspection {
        guard text.byteCount <= limits.maximumStatementBytes else {
            counts.failed += 1
            return .failed(.tooLong(limit: limits.maximumStatementBytes))
        }
        if let known = findTemplate(text) ?? findText(text) { return known }
        guard text.byteCount <= limits.reactorParseLimit else {
            counts.sentToWorker += 1
            return .needsWorker
        }
        return remember(text, SQLParser.parse(text, limits: ParseLimits(bytes: limits.reactorParseLimit)))
    }

    /// Facts for `text` from what a worker thread made of it after `inspect` had answered `needsWorker`.
    public func admit(_ text: RawSpan, _ parsed: ParsedText) -> Inspection {
        remember(text, parsed)
    }

    /// What has been done so far.
    public var statistics: InspectionStatistics {
        var statistics = counts
        statistics.cached = cache.count
        statistics.cachedBytes = cache.bytes
        statistics.evicted = cache.evictions
        return statistics
    }
}

// MARK: - Looking up

extension Inspector {
    private func findTemplate(_ text: RawSpan) -> Inspection? {
        currentTemplate = nil
        guard scanTemplate(text) else { return nil }
        let hash = TemplateKey.hash(text, lexer.slots, key: seed)
        guard case .known(let inspected) = cache.find(hash, text, lexer.slots) else { return nil }
        counts.byTemplate += 1
        currentTemplate = ObjectIdentifier(inspected)
        return .inspected(inspected, path: .template)
    }

    private func findText(_ text: RawSpan) -> Inspection? {
        guard text.byteCount <= Self.longestKey else { return nil }
        let hash = TemplateKey.hash(text, [], key: seed)
        guard case .known(let inspected) = cache.find(hash, text, []) else { return nil }
        counts.byText += 1
        return .inspected(inspected, path: .text)
    }

    /// Whether the lexer is sure of the text and found literals in it; without any its template is the text itself.
    private func scanTemplate(_ text: RawSpan) -> Bool {
        lexer.scan(text) && !lexer.slots.isEmpty && TemplateKey.byteCount(text, lexer.slots) <= Self.longestKey
    }
}

// MARK: - Remembering

extension Inspector {
    private func remember(_ text: RawSpan, _ parsed: ParsedText) -> Inspection {
        currentTemplate = nil
        switch parsed {
        case .failed(let failure):
            counts.failed += 1
            return .failed(failure)
        case .statements(let statements):
            counts.byGrammar += 1
            let inspected = template(of: text, statements) ?? self.text(text, statements)
            return .inspected(inspected, path: .grammar)
        }
    }

    /// The template of `text`, if it has one that may stand for it. One that may not is remembered as such.
    private func template(of text: RawSpan, _ statements: [ParsedStatement]) -> InspectedText? {
        guard scanTemplate(text) else { return nil }
        let hash = TemplateKey.hash(text, lexer.slots, key: seed)
        let template: InspectedText?
        switch cache.find(hash, text, lexer.slots) {
        case .inadmissible:
            return nil
        case .known(let inspected):
            // Another text of the template came back from a worker first.
            template = inspected
        case .missing:
            template = admission.admit(text, lexer.slots, statements)
            cache.insert(template, hash, text, lexer.slots)
        }
        currentTemplate = template.map(ObjectIdentifier.init)
        return template
    }

    private func text(_ text: RawSpan, _ statements: [ParsedStatement]) -> InspectedText {
        let inspected = InspectedText(statements: statements, isTemplate: false)
        guard text.byteCount <= Self.longestKey else { return inspected }
        let hash = TemplateKey.hash(text, [], key: seed)
        switch cache.find(hash, text, []) {
        case .known(let known):
            return known
        case .missing, .inadmissible:
            cache.insert(inspected, hash, text, [])
            return inspected
        }
    }
}

// MARK: - The text inspected last

extension Inspector {
    /// The literals of the text inspected last, in order: constant `i` of a template's facts is literal `i`.
    func literals(of inspected: InspectedText) -> [Slot] {
        precondition(
            currentTemplate == ObjectIdentifier(inspected),
            "literals are asked for right after their text was inspected"
        )
        return lexer.slots
    }
}
