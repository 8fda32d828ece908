import PluginAPI
import PostgresWire
import SQLInspection

/// What observers are told: of each statement that was judged, exactly once, how it ended.
extension ClientSession {
    // MARK: Sent

    /// A Query with this verdict was sent.
    func noteRuns(of verdict: Verdict, _ text: RawSpan) {
        let context = verdict.context
        guard context.isObserved else { return }
        let notes = admission?.takeNotes()
        if verdict.runsPlainly, notes == nil, firstRunMessage == nil { return notePlainRun(verdict, isExecute: false) }
        let kept = context.wantsTexts ? StatementText(text) : nil
        for index in verdict.judged.indices { append(verdict, index, isExecute: false, kept, notes) }
    }

    private func notePlainRun(_ verdict: Verdict, isExecute: Bool) {
        plainRun = PlainRun(
            verdict: verdict,
            isExecute: isExecute,
            message: expectations.lastNumber,
            start: judge.now,
            bytes: bytesFromServer
        )
    }

    /// An Execute was sent: of what was bound to its portal, if that is known.
    func noteRun(of bound: PortalStatements.Bound?) {
        guard policy.isObserved else { return }
        // A cursor that has outlived its transaction is known to the server alone.
        guard let bound else { return append(.unreadable(in: policy), 0, isExecute: true, nil, nil) }
        let statement = bound.statement
        let isPlain = statement.verdict.runsPlainly && statement.index == 0 && bound.notes == nil
        guard isPlain, firstRunMessage == nil else { return append(bound, isExecute: true) }
        notePlainRun(statement.verdict, isExecute: true)
    }

    private func append(_ bound: PortalStatements.Bound, isExecute: Bool, isCompanion: Bool = false) {
        let statement = bound.statement
        append(
            statement.verdict,
            statement.index,
            isExecute: isExecute,
            isCompanion: isCompanion,
            statement.text,
            bound.notes
        )
    }

    /// Where it is noted what is under way.
    var runLog: RunLog {
        if let runs { return runs }
        let log = judge.takeRunLog()
        runs = log
        return log
    }

    private func append(
        _ verdict: Verdict,
        _ index: Int,
        isExecute: Bool,
        isCompanion: Bool = false,
        _ text: StatementText?,
        _ notes: AdmissionNotes?
    ) {
        runLog.append(
            Run(
                verdict: verdict,
                index: index,
                isExecute: isExecute,
                isCompanion: isCompanion,
                message: expectations.lastNumber,
                start: judge.now,
                bytes: bytesFromServer,
                text: text,
                notes: notes
            )
        )
        guard verdict.usesCursors, let cursor = verdict.statements[index].cursor else { return }
        note(cursor, verdict, index, text)
    }

    /// SQL and the protocol have the same portals.
    private func note(_ cursor: CursorUse, _ verdict: Verdict, _ index: Int, _ text: StatementText?) {
        switch cursor {
        case .declare(let name, _):
            let portal = StatementName(sql: name)
            guard !runLog.portals.isFull(for: portal, limit: limits.maximumPreparedStatements) else { return }
            let statement = PreparedStatement(verdict: verdict, index: index, constants: [], parameterTypes: [])
            statement.text = text
            runLog.portals.bind(portal, PortalStatements.Bound(statement: statement, notes: nil, isDeclared: true))
        case .fetch(let name):
            guard let bound = runLog.portals.bound(to: StatementName(sql: name)), !bound.isDeclared else { return }
            append(bound, isExecute: false, isCompanion: true)
        case .close(let name):
            runLog.portals.remove(StatementName(sql: name))
        case .closeAll:
            runLog.portals.removeAll()
        }
    }

    // MARK: Ended

    /// Whether something may be under way that observers want to know the end of.
    var mayHaveRuns: Bool { plainRun != nil || runs != nil }

    /// The message that runs the first of what is under way.
    private var firstRunMessage: Int? { plainRun?.message ?? runs?.firstMessage }

    private func takeFirstRun() -> Run? {
        if let plain = plainRun.take() { return Run(plain) }
        return runs?.takeFirst()
    }

    /// The statement that the server is answering has completed.
    func completeRun(_ tag: BackendTag, _ body: RawSpan) {
        guard firstRunMessage == expectations.firstNumber else { return }
        switch tag {
        case .commandComplete:
            let tag = body.extracting(0..<max(0, body.byteCount - 1))
            endFirstRun(.completed(Completion(tag: tag)), tag)
        case .portalSuspended: endFirstRun(.completed(Completion(.suspended)))
        default: endFirstRun(.completed(Completion(.empty)))
        }
    }

    /// The statement that the server is answering has failed.
    func failRun(_ error: RawSpan) {
        guard firstRunMessage == expectations.firstNumber else { return }
        let sqlState = ErrorFields.value("C", in: error).map(SQLState.init(rawValue:)) ?? .internalError
        endFirstRun(Outcome(ofError: sqlState))
    }

    /// The messages before `expectations.firstNumber` are answered or were skipped: what has not ended by that never will.
    ///
    /// - Parameter failure: the statement whose Parse or Bind was refused. It has failed once, with its Execute where one
    ///   was sent behind it.
    func abortRuns(_ failure: FailedStatement? = nil) {
        var failure = failure
        while let message = firstRunMessage, message < expectations.firstNumber, let run = takeFirstRun() {
            if let failed = failure, failed.isRun(by: run) {
                end(run, failed.outcome)
                failure = nil
            } else {
                end(run, .aborted)
            }
        }
        if let failure { noteFailure(failure) }
    }

    private func endFirstRun(_ outcome: Outcome, _ tag: RawSpan = RawSpan()) {
        if let plain = plainRun.take() { return end(plain, outcome, tag) }
        repeat {
            guard let run = runs?.takeFirst() else { return }
            end(run, outcome, tag)
        } while runs?.firstIsCompanion == true
    }

    private func end(_ run: consuming PlainRun, _ outcome: Outcome, _ tag: RawSpan) {
        end(run.verdict, 0, since: run.start, run.bytes, nil, nil, outcome, tag)
    }

    private func end(_ run: consuming Run, _ outcome: Outcome, _ tag: RawSpan = RawSpan()) {
        end(run.verdict, run.index, since: run.start, run.bytes, run.text, run.notes, outcome, tag)
    }

    /// - Parameter bytes: what the server had sent by `start`.
    private func end(
        _ verdict: Verdict,
        _ index: Int,
        since start: UInt64,
        _ bytes: UInt64,
        _ text: StatementText?,
        _ notes: AdmissionNotes?,
        _ outcome: Outcome,
        _ tag: RawSpan
    ) {
        let context = verdict.context
        // By index: to go through the array itself is to count a reference to it.
        for place in context.observers.indices {
            context.observers[place].statementEnded(
                StatementOutcome(
                    session: context.identity,
                    sessionNumber: number,
                    statement: index < verdict.judged.count ? verdict.judged[index] : nil,
                    place: (index: index, count: verdict.judged.count),
                    outcome: outcome,
                    duration: judge.now &- start,
                    bytes: bytesFromServer &- bytes,
                    text: text?.text,
                    isRewritten: verdict.replacement != nil,
                    replacement: context.wantsTexts ? verdict.replacement.map(Self.text) : nil,
                    notes: notes,
                    tag: tag
                )
            )
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Never sent, or refused before it ran

    /// A statement, or what should have been one, was refused: the server does not see it.
    func noteRefusal(_ refusal: Refusal, _ text: RawSpan?) {
        guard policy.isObserved else { return }
        let denied = Outcome.denied(
            Outcome.Denied(
                sqlState: refusal.error.sqlState,
                message: refusal.error.message,
                file: refusal.rule?.file,
                rule: refusal.rule?.name
            )
        )
        var kept: String?
        if policy.wantsTexts, let text { kept = text.string(0..<text.byteCount) }
        let made = refusal.replacement
        guard !refusal.statements.isEmpty else { return tell(nil, (0, 1), denied, kept, made) }
        for (index, statement) in refusal.statements.enumerated() {
            let place = (index: index, count: refusal.statements.count)
            tell(statement, place, index == refusal.index ? denied : .aborted, kept, made)
        }
    }

    /// The server has refused a Parse or a Bind of `statement`.
    func failure(of statement: PreparedStatement?, _ error: RawSpan) -> FailedStatement? {
        guard policy.isObserved, let statement, let sqlState = ErrorFields.value("C", in: error) else { return nil }
        return FailedStatement(statement: statement, sqlState: SQLState(rawValue: sqlState))
    }

    private func noteFailure(_ failure: FailedStatement) {
        let statement = failure.statement
        let judged = statement.verdict.judged
        guard judged.indices.contains(statement.index) else { return }
        let place = (index: statement.index, count: judged.count)
        tell(judged[statement.index], place, failure.outcome, statement.text?.text, statement.verdict.replacement)
    }

    private func tell(
        _ statement: JudgedStatement?,
        _ place: (index: Int, count: Int),
        _ outcome: Outcome,
        _ text: String?,
        _ replacement: [UInt8]?
    ) {
        for observer in policy.observers {
            observer.statementEnded(
                StatementOutcome(
                    session: policy.identity,
                    sessionNumber: number,
                    statement: statement,
                    place: place,
                    outcome: outcome,
                    duration: 0,
                    bytes: 0,
                    text: text,
                    isRewritten: replacement != nil,
                    replacement: policy.wantsTexts ? replacement.map(Self.text) : nil
                )
            )
        }
    }

    /// A plugin that only reports would have refused the statement.
    func tell(_ report: JudgedStatement.Report, _ statement: JudgedStatement?) {
        for observer in policy.observers {
            observer.wouldBeRefused(
                ReportEvent(session: policy.identity, sessionNumber: number, statement: statement, report: report)
            )
        }
    }

    // MARK: Sessions

    /// The client has been let in.
    func noteBegin() {
        hasBegun = true
        for observer in policy.observers {
            observer.sessionBegan(SessionEvent(session: policy.identity, sessionNumber: number, error: nil))
        }
    }

    /// The gateway ends the session, or never lets it begin.
    func noteEnd(_ error: ErrorResponse) {
        guard endedBy == nil else { return }
        endedBy = Substitute(error, yieldsToAbortedTransaction: false)
        guard !hasBegun else { return }
        for observer in policy.observers {
            observer.sessionBegan(SessionEvent(session: policy.identity, sessionNumber: number, error: error))
        }
    }

    /// The session is over, whatever ended it. Call exactly once.
    public func close() {
        while firstRunMessage != nil { endFirstRun(.unanswered) }
        if let log = runs.take() { judge.giveBack(log) }
        releaseAll()
        guard hasBegun else { return }
        hasBegun = false
        for observer in policy.observers {
            observer.sessionEnded(SessionEvent(session: policy.identity, sessionNumber: number, error: endedBy?.error))
        }
    }
}

/// A statement that the server has refused before it ran.
struct FailedStatement {
    let statement: PreparedStatement
    let sqlState: SQLState

    var outcome: Outcome { Outcome(ofError: sqlState) }

    /// Whether the Execute of it is what was to run.
    func isRun(by run: borrowing Run) -> Bool {
        run.isExecute && run.verdict === statement.verdict && run.index == statement.index
    }
}

extension Outcome {
    /// Of a statement that the server has answered with an error.
    fileprivate init(ofError sqlState: SQLState) {
        self = sqlState == .queryCanceled ? .cancelled : .failed(sqlState)
    }
}
