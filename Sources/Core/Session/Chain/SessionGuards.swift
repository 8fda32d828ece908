import PluginAPI
import PostgresWire
import SQLInspection

/// What must stay as it is for inspection to read text as the server does. Applies wherever a decider is installed.
enum SessionGuards {
    static let encoding = "client_encoding"
    static let strings = "standard_conforming_strings"

    /// What a startup message gets in place of its own values, so that RESET returns here too.
    static let pinned = [
        StartupParameter(name: encoding, value: "UTF8"),
        StartupParameter(name: strings, value: "on"),
    ]

    /// The startup parameters but for those that are pinned, which may not be asked to be anything else.
    static func withoutPinned(_ requested: [StartupParameter]) throws(ErrorResponse) -> [StartupParameter] {
        for parameter in requested where !allows(parameter.name, parameter.value) {
            throw .fatal(
                .insufficientPrivilege,
                "startup parameter \(parameter.name) cannot be \"\(parameter.value)\"",
                detail: "Statements are read as UTF-8 with standard-conforming strings.",
                hint: hint
            )
        }
        return requested.filter { requested in !pinned.contains { $0.name == requested.name.lowercased() } }
    }

    /// Whether `value` leaves the reading of text as it is.
    static func allows(_ name: String, _ value: String) -> Bool {
        let folded = value.lowercased()
        switch name.lowercased() {
        case encoding: return ["utf8", "unicode"].contains(String(folded.filter { $0.isLetter || $0.isNumber }))
        case strings: return ["on", "true", "yes", "1", "t", "y"].contains(folded)
        default: return true
        }
    }

    /// Why a session whose server reports this value must end; nil when it may go on.
    static func problem(withParameter name: String, value: String) -> String? {
        guard !allows(name, value) else { return nil }
        return "\(name) was changed to \"\(value)\": the gateway no longer reads text as the server does"
    }

    /// Why a statement may not pass, whatever the plugins say.
    static func refusal(of facts: StatementFacts, constants: some ConstantSource) -> ErrorResponse? {
        for setting in facts.settings {
            switch setting.action {
            case .set(let values), .setLocal(let values):
                guard allows(setting.name, values.joined(separator: ",")) else { return refusal(of: setting.name) }
            case .reset, .resetAll, .show, .showAll:
                break
            }
        }
        for call in facts.calls where call.name.name == "set_config" {
            guard case .constant(let index) = call.arguments.first?.value.withoutCasts else {
                return refusal(of: "a setting whose name is not a constant")
            }
            let name = constants.value(ofConstant: index).lowercased()
            if name == encoding || name == strings { return refusal(of: name) }
        }
        if facts.relations.contains(where: { $0.name.name == "pg_settings" && $0.access == .update }) {
            return refusal(of: "a setting through pg_settings")
        }
        return nil
    }

    private static func refusal(of what: String) -> ErrorResponse {
        ErrorResponse(
            .insufficientPrivilege,
            "changing \(what) is not allowed",
            detail: "Statements are read as UTF-8 with standard-conforming strings; the server has to read them alike.",
            hint: hint
        )
    }

    private static let hint = "Leave client_encoding at UTF8 and standard_conforming_strings on."
}

extension ArgumentValue {
    var withoutCasts: ArgumentValue {
        var value = self
        while case .cast(let inner, _) = value { value = inner }
        return value
    }
}
