import PluginAPI
import PostgresWire

/// The part of a chain that applies to one identity, resolved once and shared by all its sessions on a reactor.
///
/// Verdicts are kept per context: two sessions that share one get the same answers.
final class PolicyContext {
    struct Step<Decider> {
        let file: String
        /// Its denials are told to observers and change nothing.
        let isReport: Bool
        let decider: Decider
    }

    let identity: SessionIdentity
    /// Of which chain this is part: chains are counted as they are loaded.
    let generation: Int
    let startupDeciders: [Step<any StartupDecider>]
    let statementDeciders: [Step<any StatementDecider>]
    /// The last of these that has a say in whether statements may run; -1 without one.
    let lastJudge: Int
    /// Which of these only change statements.
    let rewriters: Set<Int>
    let parameterTypesDeciders: [Step<any ParameterTypesDecider>]
    let bindDeciders: [Step<any BindDecider>]
    let gates: [Step<any AdmissionGate>]
    let observers: [MeasuredObserver]
    /// Whether an observer wants texts as clients sent them.
    let wantsTexts: Bool
    /// Whether the chain as a whole refuses statements. A session that no enforcing decider applies to is then denied
    /// everything.
    let isJudged: Bool
    /// Whether statements are looked at, if only by gates, observers, and deciders that report.
    let isRead: Bool

    // Asked for each message: flags of their own spare it a look into the arrays' storage.
    /// Whether anybody has a say in when statements run.
    let hasGates: Bool
    /// How many statements the gates let pass unseen, and until when, before they are asked again.
    private var openings = 0
    private var openUntil: UInt64 = 0
    /// What no session of the identity needs at the moment.
    var spareAdmission: Admission?
    /// Whether anybody wants to know what becomes of statements.
    let isObserved: Bool

    /// Whether gates or observers are told of statements.
    var tellsOfStatements: Bool { isObserved || hasGates }

    /// - Parameter watch: what looks at the time of gates and observers.
    init(chain: PluginChain, generation: Int, identity: SessionIdentity, watch: HookWatch? = nil) {
        self.identity = identity
        self.generation = generation
        let links = chain.links.filter { $0.applies(identity) }
        func steps<Decider>(_ cast: (any Plugin) -> Decider?) -> [Step<Decider>] {
            links.compactMap { link in
                cast(link.plugin).map { Step(file: link.file, isReport: link.isReport, decider: $0) }
            }
        }
        startupDeciders = steps { $0 as? any StartupDecider }
        let deciders = steps { $0 as? any StatementDecider }
        let rewriters = Set(deciders.indices.filter { deciders[$0].decider is any StatementRewriter })
        statementDeciders = deciders
        self.rewriters = rewriters
        lastJudge = deciders.indices.last { !deciders[$0].isReport && !rewriters.contains($0) } ?? -1
        parameterTypesDeciders = steps { $0 as? any ParameterTypesDecider }
        bindDeciders = steps { $0 as? any BindDecider }
        let gates: [Step<any AdmissionGate>] = links.compactMap { link in
            guard let gate = (link.plugin as? any AdmissionDecider)?.gate(for: identity) else { return nil }
            let measured: any AdmissionGate = watch.map { MeasuredGate(gate, file: link.file, watch: $0) } ?? gate
            return Step(file: link.file, isReport: link.isReport, decider: measured)
        }
        let observers: [MeasuredObserver] = links.compactMap { link in
            guard let observer = (link.plugin as? any SessionObserver)?.observer(of: identity) else { return nil }
            return MeasuredObserver(observer, file: link.file, watch: watch)
        }
        self.gates = gates
        self.observers = observers
        hasGates = !gates.isEmpty
        isObserved = !observers.isEmpty
        wantsTexts = observers.contains { $0.wantsTexts }
        isJudged = chain.enforces
        isRead = chain.readsStatements
    }
}

extension PolicyContext {
    private static let mostOpenings = 64
    /// In nanoseconds.
    private static let longestOpening: UInt64 = 10_000_000

    /// Whether the gates let so many statements pass unseen. They are asked now and then: to ask them about each would be a
    /// twentieth of what a small statement costs its reactor.
    ///
    /// - Parameter now: by the reactor's clock.
    @inline(__always)
    func areGatesOpen(to count: Int, at now: UInt64) -> Bool {
        // What has no statement is something to be asked about, too.
        let count = max(count, 1)
        guard openings >= count, now < openUntil else { return askGates(count, at: now) }
        openings -= count
        return true
    }

    @inline(never)
    private func askGates(_ count: Int, at now: UInt64) -> Bool {
        openings = gates.reduce(Self.mostOpenings) { min($0, $1.decider.allowance) }
        openUntil = now &+ Self.longestOpening
        guard openings >= count else { return false }
        openings -= count
        return true
    }

    /// Whether a gate wants to see what one of these statements is called with.
    func gatesWantValues(of statements: [JudgedStatement]) -> Bool {
        gates.contains { step in statements.contains { step.decider.wantsValues(of: $0) } }
    }
}

extension Denial {
    /// The denial as its client sees it. `position` counts characters from 1.
    func errorResponse(file: String, position: Int? = nil, severity: ErrorResponse.Severity = .error) -> ErrorResponse {
        ErrorResponse(
            severity: severity,
            sqlState,
            message,
            detail: "Refused by rule \"\(rule)\" of \(file).",
            hint: hint,
            position: position
        )
    }
}
