import PluginAPI
import SQLInspection

/// Makes a policy out of a file and the profiles it includes: everything they list, together.
struct PolicyBuilder {
    private var schemas: [String] = []
    private var columns: Set<ExactString>? = []
    private var statements: Set<StatementKind> = []
    private var functions = NameSet()
    private var excepted = NameSet()
    private var calls: [ExactString: [ExactString: [CallRule]]] = [:]
    private var types = NameSet()
    private var operators = NameSet()
    private var relations: [RelationUse.Access: NameSet] = [:]
    private var settings: [ExactString: [SettingRules.Rule]] = [:]

    /// - Throws: `PluginConfigurationError` for what makes no sense, and what reading a profile throws.
    static func policy(from configuration: AllowlistConfiguration, context: PluginContext) throws -> Policy {
        var files = try Profiles.read(configuration.profiles ?? [], context: context)
        files.append(PolicyFile(profile: nil, configuration: configuration))
        let lists = try ValueLists(files)
        var builder = PolicyBuilder()
        for file in files {
            try builder.add(file, lists: lists)
        }
        try builder.checkForRulesNeverAsked()
        return builder.finish()
    }

    private mutating func add(_ file: PolicyFile, lists: ValueLists) throws {
        try remove(file)
        try addNames(file)
        try addRelations(file)
        try addSettings(file)
        for (index, call) in (file.configuration.calls ?? []).enumerated() {
            let key = ["calls", String(index)]
            guard case .one(let schema, let name) = ListedName(call.function) else {
                throw file.error(
                    at: key + ["function"],
                    "\"\(call.function)\" is not one function; write schema.name: a rule is for one function"
                )
            }
            let rule = try CallRuleReader(file: file, lists: lists).rule(from: call, at: key)
            calls[ExactString(schema), default: [:]][ExactString(name), default: []].append(rule)
        }
    }

    /// `except` comes before the file's own rules: it is about what the profiles bring.
    private mutating func remove(_ file: PolicyFile) throws {
        for (index, text) in (file.configuration.except ?? []).enumerated() {
            let key = ["except", String(index)]
            guard case .one(let schema, let name) = ListedName(text) else {
                throw file.error(at: key, "\"\(text)\" is no name: write the function as schema.name")
            }
            let rules = calls[ExactString(schema)]?.removeValue(forKey: ExactString(name))
            guard rules != nil || functions.lists(schema: schema, name: name) else {
                throw file.error(
                    at: key,
                    "no profile admits \(text), so it does nothing; remove it, or correct the name"
                )
            }
            functions.remove(schema: schema, name: name)
            excepted.insert(.one(schema: schema, name: name))
        }
    }

    private mutating func addNames(_ file: PolicyFile) throws {
        let configuration = file.configuration
        for (index, text) in (configuration.schemas ?? []).enumerated() {
            let key = ["schemas", String(index)]
            guard let parts = NamePath.parse(text), parts.count == 1 else {
                throw file.error(at: key, "write one schema's name")
            }
            guard !parts[0].hasPrefix("pg_") else {
                throw file.error(at: key, "pg_catalog and pg_temp are there anyway; no other pg_ schema may be")
            }
            if !schemas.contains(parts[0]) { schemas.append(parts[0]) }
        }
        for column in configuration.columns ?? [] {
            if column == "*" { columns = nil } else { columns?.insert(ExactString(column)) }
        }
        for (index, word) in (configuration.statements ?? []).enumerated() {
            guard let kind = StatementKind(rawValue: word), kind != .unknown else {
                let words = StatementKind.allCases.filter { $0 != .unknown }.map(\.rawValue).joined(separator: ", ")
                throw file.error(
                    at: ["statements", String(index)],
                    "\"\(word)\" is no statement kind; write one of \(words)"
                )
            }
            statements.insert(kind)
        }
        try file.addNames(\.functions, key: "functions", to: &functions, read: ListedName.init(_:))
        try file.addNames(\.types, key: "types", to: &types, read: ListedName.init(_:))
        try file.addNames(\.operators, key: "operators", to: &operators, read: ListedName.init(operator:))
    }

    private mutating func addRelations(_ file: PolicyFile) throws {
        for (index, rule) in (file.configuration.relations ?? []).enumerated() {
            let key = ["relations", String(index)]
            guard let name = ListedName(rule.name) else {
                throw file.error(at: key + ["name"], "\"\(rule.name)\" is no name: write schema.name or schema.*")
            }
            if case .schema(Catalog.schema) = name {
                throw file.error(at: key + ["name"], "pg_catalog.* would admit password hashes: name the relations")
            }
            for (position, word) in rule.access.enumerated() {
                guard let access = RelationUse.Access(rawValue: word) else {
                    let words = RelationUse.Access.allCases.map(\.rawValue).joined(separator: ", ")
                    throw file.error(
                        at: key + ["access", String(position)],
                        "\"\(word)\" is no access; write one of \(words)"
                    )
                }
                relations[access, default: NameSet()].insert(name)
            }
        }
    }

    private mutating func addSettings(_ file: PolicyFile) throws {
        for (index, setting) in (file.configuration.settings ?? []).enumerated() {
            let key = ["settings", String(index)]
            let rule = try SettingRuleReader(file: file).rule(from: setting, at: key)
            settings[ExactString(setting.name), default: []].append(rule)
        }
    }

    /// A function that may be called with any arguments needs no rule for them: whoever wrote one meant it to hold.
    private func checkForRulesNeverAsked() throws {
        for (schema, names) in calls {
            for name in names.keys where functions.lists(schema: schema.value, name: name.value) {
                let function = "\(schema.value).\(name.value)"
                throw PluginConfigurationError(
                    at: ["calls"],
                    "\(function) is in `functions` too, with any arguments, so its rule would never be asked: "
                        + "remove one of them (a profile's with `except = [\"\(function)\"]`)"
                )
            }
        }
    }

    private func finish() -> Policy {
        let resolution = NameResolution(schemas: schemas)
        let relations = RelationRules(resolution: resolution, allowed: relations)
        let functions = FunctionRules(
            resolution: resolution,
            allowed: functions,
            excepted: excepted,
            rules: calls,
            relations: relations
        )
        let types = TypeRules(resolution: resolution, allowed: types)
        return Policy(
            statements: StatementRules(allowed: statements),
            functions: functions,
            types: types,
            operators: OperatorRules(resolution: resolution, allowed: operators),
            relations: relations,
            attributes: AttributeRules(functions: functions, types: types, columns: columns),
            settings: SettingRules(rules: settings, path: SearchPath(schemas: schemas))
        )
    }
}
