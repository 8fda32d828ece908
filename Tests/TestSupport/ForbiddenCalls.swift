package import PluginAPI
import SQLInspection

/// A judge beside the plugin under test: refuses calls of `forbidden`, and nothing else.
package struct ForbiddenCalls: StatementDecider {
    package struct Configuration: Decodable {}
    package static let kind = "forbidden-calls"

    package init() {}
    package init(configuration: Configuration, context: PluginContext) throws {}

    package func decide(_ event: borrowing StatementEvent) -> StatementVerdict {
        guard let call = event.facts.calls.first(where: { $0.name.name == "forbidden" }) else { return .forward }
        return .deny(Denial("forbidden is not allowed", rule: "forbidden", hint: "Do not.", offset: call.offset))
    }
}
