import PluginAPI
import PostgresWire
public import SQLInspection

/// A reactor's way from query texts to verdicts: inspection, the chain, and the memory of both.
public final class Judge {
    private let inspector: Inspector
    /// Texts longer than this are refused on their message's header.
    let maximumStatementBytes: Int
    private var chain: PluginChain
    /// Which chain this is, counted as they are loaded.
    private(set) var generation = 0
    /// What no session has under way at the moment.
    private var spareRunLogs: [RunLog] = []
    /// The reactor's clock.
    private let clock: (any SessionClock)?
    /// What looks at the time that deciders take.
    private let watch: HookWatch?
    private var contexts: [SessionIdentity: PolicyContext] = [:]
    /// The context of who has not said who it is.
    private(set) var stranger: PolicyContext
    /// Clients choose their application_name, so identities are theirs to multiply.
    private static let maximumContexts = 1024
    private static let maximumRewrites = 4

    /// Makes a judge for one reactor.
    ///
    /// - Parameters:
    ///   - clock: what durations and delays are measured by; without one there are none.
    ///   - watch: what looks at the time that hooks take.
    public init(
        chain: PluginChain,
        limits: Inspector.Limits,
        clock: (any SessionClock)? = nil,
        watch: HookWatch? = nil
    ) {
        self.chain = chain
        self.clock = clock
        self.watch = watch
        stranger = PolicyContext(chain: chain, generation: 0, identity: .nobody, watch: watch)
        inspector = Inspector(limits: limits)
        maximumStatementBytes = limits.maximumStatementBytes
    }

    /// Another chain takes this one's place. Sessions go over to it between two transactions.
    public func adopt(_ chain: PluginChain) {
        self.chain = chain
        generation += 1
        contexts.removeAll()
        stranger = PolicyContext(chain: chain, generation: generation, identity: .nobody, watch: watch)
    }

    /// Where a session notes what it has under way, until it gives it back.
    func takeRunLog() -> RunLog { spareRunLogs.popLast() ?? RunLog() }

    /// Nothing of the session's is under way.
    func giveBack(_ log: RunLog) {
        log.clear()
        spareRunLogs.append(log)
    }

    /// Monotonic nanoseconds, as of the reactor's last look at its sockets.
    var now: UInt64 { clock?.nanoseconds ?? 0 }

    /// How statements were judged so far, by text, template and grammar.
    public var statistics: InspectionStatistics { inspector.statistics }

    /// The context that all sessions of `identity` share on this reactor.
    func context(for identity: SessionIdentity) -> PolicyContext {
        if let known = contexts[identity] { return known }
        if contexts.count >= Self.maximumContexts { contexts.removeAll() }
        let context = PolicyContext(chain: chain, generation: generation, identity: identity, watch: watch)
        contexts[identity] = context
        return context
    }

    enum Ruling {
        case admitted(Verdict)
        indirect case denied(Refusal)
        indirect case failed(InspectionFailure)
        case needsWorker
    }

    /// The verdict on a query text. `parsed` is what a worker made of it, if it was too long for the reactor.
    func rule(on text: RawSpan, in context: PolicyContext, parsed: ParsedText?) -> Ruling {
        let inspection = if let parsed { inspector.admit(text, parsed) } else { inspector.inspect(text) }
        switch consume inspection {
        case .needsWorker:
            return .needsWorker
        case .failed(let failure):
            if !context.isJudged, case .syntax = failure { return .admitted(.unreadable(in: context)) }
            if !context.isJudged, case .invalidEncoding = failure { return .admitted(.unreadable(in: context)) }
            return .failed(failure)
        case .inspected(let inspected, path: _):
            let cache = verdicts(on: inspected)
            if let known = find(in: cache, for: context, inspected, text) { return .admitted(known) }
            switch decide(inspected, text, in: context) {
            case .admitted(let verdict):
                cache.insert(verdict)
                return .admitted(verdict)
            case .refused(let refusal):
                return .denied(refusal)
            }
        }
    }

    /// The values that the constants of `statement` have in a text that was given `verdict`; nil when they cannot be
    /// told any more, and whatever rests on them must be denied.
    func constants(of verdict: Verdict, statement: Int = 0, in text: RawSpan) -> [String]? {
        guard verdict.statements.indices.contains(statement) else { return nil }
        let constants = verdict.statements[statement].constants
        guard verdict.isOnTemplate else { return constants.map(\.value) }
        guard case .inspected(let inspected, path: .template) = inspector.inspect(text) else { return nil }
        return constants.indices.map { inspector.literal($0, of: inspected, statement: statement, text: text) }
    }

    // MARK: Parameters and startup

    /// Why a Parse may not declare these parameter types; nil when it may.
    ///
    /// - Parameter report: hears what plugins that only report would have refused.
    func refusal(
        ofParameterTypes types: [UInt32],
        in context: PolicyContext,
        report: (JudgedStatement.Report) -> Void
    ) -> Refusal? {
        for step in context.parameterTypesDeciders {
            let event = ParameterTypesEvent(session: context.identity, types: types)
            let start = watch?.begin()
            let said = step.decider.decide(event)
            if let start { watch?.end(start, step.file, .parameterTypes) }
            guard case .deny(let denial) = said else { continue }
            guard step.isReport else { return Refusal(denial.withoutOffset, file: step.file) }
            report(JudgedStatement.Report(file: step.file, denial: denial))
        }
        return nil
    }

    /// Why a statement may not run with these parameters; nil when it may.
    ///
    /// - Parameter report: hears what plugins that only report would have refused.
    func refusal(
        of statement: PreparedStatement,
        _ parameters: some ParameterSource,
        report: (JudgedStatement.Report) -> Void
    ) -> Refusal? {
        let context = statement.verdict.context
        let constants = KeptConstants(values: statement.constants)
        for step in context.bindDeciders {
            let event = BindEvent(
                session: context.identity,
                facts: statement.verdict.statements[statement.index],
                constants: constants,
                parameters: parameters
            )
            let start = watch?.begin()
            let said = step.decider.decide(event)
            if let start { watch?.end(start, step.file, .bind) }
            guard case .deny(let denial) = said else { continue }
            guard step.isReport else { return Refusal(denial.withoutOffset, file: step.file) }
            report(JudgedStatement.Report(file: step.file, denial: denial))
        }
        return nil
    }

    /// The startup parameters that a session begins with: the client's, as the chain leaves them, and those that
    /// inspection rests on.
    func judged(
        _ requested: [StartupParameter],
        in context: PolicyContext
    ) throws(ErrorResponse) -> [StartupParameter] {
        var parameters = try SessionGuards.withoutPinned(requested)
        for step in context.startupDeciders {
            let start = watch?.begin()
            let said = step.decider.decide(StartupEvent(session: context.identity, parameters: parameters))
            if let start { watch?.end(start, step.file, .startup) }
            switch said {
            case .forward: break
            case .rewrite(let rewritten) where !step.isReport: parameters = rewritten
            case .rewrite: break
            case .deny where step.isReport: break
            case .deny(let denial): throw denial.errorResponse(file: step.file, severity: .fatal)
            }
        }
        return SessionGuards.pinned + parameters
    }

    // MARK: Verdicts by heart

    private func verdicts(on inspected: InspectedText) -> VerdictCache {
        if let known = inspected.judgement as? VerdictCache { return known }
        let fresh = VerdictCache()
        inspected.judgement = fresh
        return fresh
    }

    @inline(__always)
    private func find(
        in cache: VerdictCache,
        for context: PolicyContext,
        _ inspected: InspectedText,
        _ text: RawSpan
    ) -> Verdict? {
        cache.first(for: context) { inspector.matches($0, of: inspected, text: text) }
    }

    // MARK: Deciding

    private func decide(
        _ inspected: InspectedText,
        _ text: RawSpan,
        in context: PolicyContext
    ) -> Decision {
        var facts: [StatementFacts] = []
        var parameters: Set<Int> = []
        var read = ConstantSet()
        var effects = StatementEffects.none
        var replacements: [(range: Range<Int>, text: EditedText)] = []
        var reports: [[JudgedStatement.Report]] = []
        for (number, statement) in inspected.statements.enumerated() {
            let literals = statement.facts.constants.indices.map {
                inspector.literal($0, of: inspected, statement: number, text: text)
            }
            let range = inspector.range(ofStatement: number, of: inspected, text: text)
            var reported: [JudgedStatement.Report] = []
            let outcome = unsafe text.withUnsafeBytes { query in
                let source = unsafe RecordedStatement(literals, query: query, range: range)
                defer { source.close() }
                let outcome = decide(statement.facts, source, in: context, &reported)
                if case .forward = outcome { effects.append(StatementEffects(of: statement.facts, constants: source)) }
                read.formUnion(source.read)
                return outcome
            }
            reports.append(reported)
            switch outcome {
            case .denied(let denial, let file, let edited):
                var position: Int?
                if let edited, let offset = denial.offset {
                    position = edited.origin(of: offset).flatMap { Self.position(of: range.lowerBound + $0, in: text) }
                } else if let offset = denial.offset {
                    position = Self.position(of: inspector.offset(offset, in: inspected), in: text)
                }
                var refusal = Refusal(denial, file: file, position: position)
                refusal.replacement = edited.map { Self.replacing(replacements + [(range, $0)], in: text) }
                return .refused(describe(refusal, number, inspected, text, in: context))
            case .refused(let error):
                return .refused(describe(Refusal(error), number, inspected, text, in: context))
            case .forward(let wanted):
                facts.append(statement.facts)
                parameters.formUnion(wanted)
            case .replace(let replacement, let newFacts, let wanted):
                facts.append(newFacts)
                effects.append(StatementEffects(of: newFacts, constants: FactConstants(newFacts)))
                parameters.formUnion(wanted)
                replacements.append((range, replacement))
            }
        }
        // A verdict on a text known by heart holds whichever of its constants it rests on.
        let dependencies =
            inspected.isTemplate && !read.isEmpty ? inspector.literalKey(read, of: inspected, text: text) : nil
        let isBoundToText =
            !replacements.isEmpty && inspected.statements[0].facts.constants.indices.allSatisfy(read.contains)
        return .admitted(
            Verdict(
                context: context,
                statements: facts,
                judged: context.tellsOfStatements ? judged(facts, reports, inspected, text) : [],
                replacement: replacements.isEmpty ? nil : Self.replacing(replacements, in: text),
                places: replacements.isEmpty ? nil : TextPlaces(replacements, in: text),
                inspectedParameters: parameters,
                effects: effects,
                dependencies: dependencies,
                isOfTemplate: inspected.isTemplate,
                isBoundToText: isBoundToText
            )
        )
    }

    private enum Decision {
        case admitted(Verdict)
        indirect case refused(Refusal)
    }

    /// What gates and observers are told of.
    private func judged(
        _ facts: [StatementFacts],
        _ reports: [[JudgedStatement.Report]],
        _ inspected: InspectedText,
        _ text: RawSpan
    ) -> [JudgedStatement] {
        facts.enumerated().map { number, facts in
            let range = inspector.range(ofStatement: number, of: inspected, text: text)
            return JudgedStatement(
                facts: facts,
                text: text.extracting(range),
                reports: reports.indices.contains(number) ? reports[number] : []
            )
        }
    }

    private func describe(
        _ refusal: Refusal,
        _ index: Int,
        _ inspected: InspectedText,
        _ text: RawSpan,
        in context: PolicyContext
    ) -> Refusal {
        guard context.tellsOfStatements else { return refusal }
        var refusal = refusal
        refusal.statements = judged(inspected.statements.map(\.facts), [], inspected, text)
        refusal.index = index
        return refusal
    }

    private enum Outcome {
        case forward(parameters: Set<Int>)
        case replace(EditedText, StatementFacts, parameters: Set<Int>)
        /// `of`: the text that the plugin saw, where an earlier one has changed it.
        case denied(Denial, file: String, of: EditedText?)
        case refused(ErrorResponse)
    }

    /// Passes one statement through the deciders. A rewritten statement goes on with the plugin that rewrote it, unless
    /// that does nothing else.
    private func decide(
        _ original: StatementFacts,
        _ statement: RecordedStatement,
        in context: PolicyContext,
        _ reports: inout [JudgedStatement.Report]
    ) -> Outcome {
        var facts = original
        var source: any ConstantSource & TextSource = statement
        var edited: EditedText?
        var parameters: Set<Int> = []
        var rewrites = 0
        var index = 0
        guard !context.isJudged || context.lastJudge >= 0 else { return .refused(Self.nothingApplies(to: context)) }
        if context.isJudged, let error = SessionGuards.refusal(of: facts, constants: source) { return .refused(error) }
        while index < context.statementDeciders.count {
            let step = context.statementDeciders[index]
            let event = StatementEvent(session: context.identity, facts: facts, source: source)
            let rewritten: EditedText
            let start = watch?.begin()
            let said = step.decider.decide(event)
            if let start { watch?.end(start, step.file, .statement) }
            switch said {
            case .forward:
                index += 1
                continue
            case .forwardInspecting(let wanted):
                parameters.formUnion(wanted)
                index += 1
                continue
            case .deny(let denial) where step.isReport:
                reports.append(JudgedStatement.Report(file: step.file, denial: denial))
                index += 1
                continue
            case .rewrite where step.isReport, .edit where step.isReport:
                reports.append(JudgedStatement.Report(file: step.file, denial: Self.wouldBeRewritten))
                index += 1
                continue
            case .deny(let denial):
                return .denied(denial, file: step.file, of: edited)
            case .rewrite(let text):
                var whole = edited ?? EditedText(source.text)
                whole.become(text)
                rewritten = whole
            case .edit(let text):
                rewritten = edited.map { text.over($0) } ?? text
            }
            rewrites += 1
            if context.isJudged, index > context.lastJudge { return .refused(Self.unjudgedRewrite(step.file)) }
            guard rewrites <= Self.maximumRewrites else {
                return .refused(Self.badRewrite(step.file, "is rewritten again and again"))
            }
            switch Self.reparsed(rewritten.text, parametersOf: original) {
            case .success(let new): facts = new
            case .failure(let problem): return .refused(Self.badRewrite(step.file, problem.words))
            }
            edited = rewritten
            source = RewrittenStatement(rewritten.text, facts)
            if context.isJudged, let error = SessionGuards.refusal(of: facts, constants: source) {
                return .refused(error)
            }
            if context.rewriters.contains(index) { index += 1 }
        }
        guard let edited else { return .forward(parameters: parameters) }
        return .replace(edited, facts, parameters: parameters)
    }

    private struct Problem: Error {
        let words: String
    }

    /// The facts of a rewritten statement, which has to be one statement with the parameters that it had.
    private static func reparsed(
        _ text: String,
        parametersOf original: StatementFacts
    ) -> Result<StatementFacts, Problem> {
        let bytes = Array(text.utf8)
        switch unsafe SQLParser.parse(bytes.span.bytes) {
        case .failed(.tooLong(let limit)):
            return .failure(Problem(words: "is longer than \(limit) bytes"))
        case .failed:
            return .failure(Problem(words: "is no SQL"))
        case .statements(let statements):
            guard statements.count == 1 else { return .failure(Problem(words: "is not one statement")) }
            guard statements[0].facts.hasParameters(of: original) else {
                return .failure(Problem(words: "has other parameters, or casts them to other types"))
            }
            return .success(statements[0].facts)
        }
    }

    private static func replacing(_ replacements: [(range: Range<Int>, text: EditedText)], in text: RawSpan) -> [UInt8]
    {
        var result: [UInt8] = []
        var end = 0
        for (range, replacement) in replacements {
            result.append(contentsOf: text.array(end..<range.lowerBound))
            result.append(contentsOf: replacement.text.utf8)
            end = range.upperBound
        }
        result.append(contentsOf: text.array(end..<text.byteCount))
        return result
    }

    /// PostgreSQL counts positions in characters from 1.
    private static func position(of offset: Int, in text: RawSpan) -> Int? {
        guard (0..<text.byteCount).contains(offset) else { return nil }
        return (0..<offset).count { text.byte(at: $0) & 0xc0 != 0x80 } + 1
    }

    private static func nothingApplies(to context: PolicyContext) -> ErrorResponse {
        ErrorResponse(
            .insufficientPrivilege,
            "no policy applies to user \"\(context.identity.user)\"",
            detail:
                "Every plugin that judges statements is limited to other users, databases, applications or addresses.",
            hint: "Widen the scope of a plugin file, or add one for this user."
        )
    }

    private static func badRewrite(_ file: String, _ problem: String) -> ErrorResponse {
        ErrorResponse(
            .insufficientPrivilege,
            "a rewritten statement cannot be judged",
            detail: "What the plugin of \(file) made of it \(problem).",
            hint: "Correct the rewrite in \(file)."
        )
    }

    /// What a plugin that rewrites is reported to have wanted. The text itself may quote what is not to be recorded.
    private static let wouldBeRewritten = Denial("the statement would be rewritten", rule: "rewrite", hint: "")

    private static func unjudgedRewrite(_ file: String) -> ErrorResponse {
        ErrorResponse(
            .insufficientPrivilege,
            "a rewritten statement has no plugin after it that judges it",
            detail: "For this session the plugin of \(file) stands behind every plugin that refuses statements.",
            hint: "Give \(file) a name before that of the allowlist for this user, or narrow its scope."
        )
    }
}

extension Denial {
    var withoutOffset: Denial {
        Denial(message, rule: rule, hint: hint, offset: nil, sqlState: sqlState)
    }
}

extension SessionIdentity {
    /// Of a client that has not said who it is.
    static let nobody = SessionIdentity(user: "", database: "", applicationName: "", address: "")
}
