import Engine
import SQLInspection

/// How many statements the reactors have judged, by the way each came to its facts: what SIGUSR1 asks for.
final class JudgedStatements: CustomStringConvertible {
    private var (byText, byTemplate, byGrammar) = (0, 0, 0)
    private var missing: Int

    private init(reactors: Int) { missing = reactors }

    /// Asks all reactors; `body` runs on `asker` when the last has answered.
    static func ask(_ reactors: [Mailbox], from asker: Reactor, then body: @escaping (JudgedStatements) -> Void) {
        let total = JudgedStatements(reactors: reactors.count)
        for mailbox in reactors {
            let answer = asker.expect { (part: InspectionStatistics) in
                total.add(part)
                if total.missing == 0 { body(total) }
            }
            mailbox.post { reactor in
                if let host = reactor.attachment as? SessionHost { answer.send(host.inspections) }
            }
        }
    }

    private func add(_ part: InspectionStatistics) {
        byText += part.byText
        byTemplate += part.byTemplate
        byGrammar += part.byGrammar
        missing -= 1
    }

    var description: String { "judged: text=\(byText) template=\(byTemplate) grammar=\(byGrammar)" }
}
