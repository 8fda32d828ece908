import Configuration
import PluginAPI
import SQLInspection
import Session

/// A chain that notes what each of its plugins says. Gates and observers are left out of it: whoever only asks takes no
/// tokens and leaves no records.
final class ChainTrace {
    /// What one plugin said to one statement, or to one set of parameters.
    struct Step {
        /// What it was asked about.
        enum Question {
            /// A statement with these facts.
            case statement(StatementFacts)
            case parameters
        }

        /// What it answered.
        enum Answer {
            case forward
            /// Forward, and judge the values of these parameters.
            case forwardInspecting([Int])
            case rewrite(String)
            case deny(Denial)
        }

        let file: String
        let isReport: Bool
        let question: Question
        let answer: Answer
    }

    private(set) var steps: [Step] = []
    /// The plugins that have a say only when a statement runs, by their files.
    let notAsked: [String]
    private let plugins: [LoadedPlugin]

    init(_ plugins: [LoadedPlugin]) {
        self.plugins = plugins
        notAsked = plugins.filter { $0.plugin is any AdmissionDecider || $0.plugin is any SessionObserver }.map(\.file)
    }

    /// The plugins' deciders, one link each, in their order.
    var chain: PluginChain {
        PluginChain(plugins.flatMap(links))
    }

    private func links(of loaded: LoadedPlugin) -> [PluginChain.Link] {
        let note = Note(trace: self, file: loaded.file, isReport: loaded.isReport)
        var deciders: [any Plugin] = []
        if let decider = loaded.plugin as? any StatementDecider {
            if decider is any StatementRewriter {
                deciders.append(TracedRewriter(decider: decider, note: note))
            } else {
                deciders.append(TracedStatementDecider(decider: decider, note: note))
            }
        }
        if let decider = loaded.plugin as? any BindDecider {
            deciders.append(TracedBindDecider(decider: decider, note: note))
        }
        return deciders.map { decider in
            PluginChain.Link(file: loaded.file, plugin: decider, isReport: loaded.isReport) {
                loaded.scope.contains($0)
            }
        }
    }

    fileprivate func append(_ step: Step) { steps.append(step) }
}

/// Where a traced plugin notes its answers. `@unchecked Sendable` because a chain must be: a trace is made, asked and
/// read by one thread.
private struct Note: @unchecked Sendable {
    let trace: ChainTrace
    let file: String
    let isReport: Bool

    func callAsFunction(_ question: ChainTrace.Step.Question, _ answer: ChainTrace.Step.Answer) {
        trace.append(ChainTrace.Step(file: file, isReport: isReport, question: question, answer: answer))
    }
}

/// What traced deciders have in common: they stand in for a plugin that was made already.
private protocol StandIn: Plugin where Configuration == NoConfiguration {}

private struct NoConfiguration: Decodable {}

extension StandIn {
    static var kind: String { "trace" }

    init(configuration: NoConfiguration, context: PluginContext) {
        preconditionFailure("no plugin file names a stand-in")
    }
}

private protocol StatementStandIn: StandIn, StatementDecider {
    var decider: any StatementDecider { get }
    var note: Note { get }
}

extension StatementStandIn {
    func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        let verdict = decider.decide(event)
        note(.statement(event.facts), verdict.answer)
        return verdict
    }
}

private struct TracedStatementDecider: StatementStandIn {
    let decider: any StatementDecider
    let note: Note
}

/// As the other; what it changed is shown to those after it alone.
private struct TracedRewriter: StatementStandIn, StatementRewriter {
    let decider: any StatementDecider
    let note: Note
}

extension StatementVerdict {
    fileprivate var answer: ChainTrace.Step.Answer {
        switch self {
        case .forward: .forward
        case .forwardInspecting(let parameters): .forwardInspecting(parameters.sorted())
        case .rewrite(let text): .rewrite(text)
        case .edit(let edited): .rewrite(edited.text)
        case .deny(let denial): .deny(denial)
        }
    }
}

private struct TracedBindDecider: StandIn, BindDecider {
    let decider: any BindDecider
    let note: Note

    func decide(_ event: borrowing BindEvent) -> BindVerdict {
        let verdict = decider.decide(event)
        switch verdict {
        case .forward: note(.parameters, .forward)
        case .deny(let denial): note(.parameters, .deny(denial))
        }
        return verdict
    }
}
