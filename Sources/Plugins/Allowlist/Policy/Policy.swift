import PluginAPI
import SQLInspection

/// A policy with all its names resolved and its sets built: what the plugin asks.
struct Policy {
    let statements: StatementRules
    let functions: FunctionRules
    let types: TypeRules
    let operators: OperatorRules
    let relations: RelationRules
    let attributes: AttributeRules
    let settings: SettingRules

    /// Judges everything but calls' arguments that have not arrived.
    func judge(_ event: borrowing StatementEvent) -> StatementVerdict {
        let facts = event.facts
        let database = event.session.database
        if let denial = statements.denial(of: facts) { return .deny(denial) }
        if let denial = relations.denial(of: facts, database: database) { return .deny(denial) }
        let outcome = functions.judge(facts, from: event, database: database)
        if case .denied(let denial) = outcome { return .deny(denial) }
        if let denial = attributes.denial(of: facts, database: database) { return .deny(denial) }
        if let denial = types.denial(of: facts, database: database, functions: functions) { return .deny(denial) }
        if let denial = operators.denial(of: facts, database: database) { return .deny(denial) }
        switch settings.judge(facts) {
        case .admitted: break
        case .rewritten(let text): return .rewrite(text)
        case .denied(let denial): return .deny(denial)
        }
        if case .pending(let parameters) = outcome { return .forwardInspecting(parameters: parameters) }
        return .forward
    }

    /// Judges the types that a Parse declares: as if the text named them.
    func judge(_ event: borrowing ParameterTypesEvent) -> BindVerdict {
        types.denial(ofParameterTypes: event.types).map(BindVerdict.deny) ?? .forward
    }

    /// Judges calls' arguments again, now that they have arrived. All else was judged with the statement.
    func judge(_ event: borrowing BindEvent) -> BindVerdict {
        switch functions.judge(event.facts, from: event, database: event.session.database) {
        case .admitted: .forward
        case .denied(let denial): .deny(denial)
        case .pending: .deny(Denial("a parameter has not arrived", rule: "calls", hint: "Bind every parameter."))
        }
    }

    /// Judges the settings a session begins with, and pins its search_path.
    func judge(_ event: borrowing StartupEvent) -> StartupVerdict {
        var parameters: [StartupParameter] = []
        var path = settings.path.pinned
        for parameter in event.parameters {
            if ExactString(parameter.name.lowercased()) == SettingRules.searchPath {
                guard let permitted = settings.path.permitted(startupValue: parameter.value) else {
                    return .deny(settings.pathDenial())
                }
                path = permitted
            } else if let denial = settings.denial(ofStartup: parameter) {
                return .deny(denial)
            } else {
                parameters.append(parameter)
            }
        }
        parameters.append(StartupParameter(name: "search_path", value: path))
        return .rewrite(parameters)
    }
}
