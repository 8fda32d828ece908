import PluginAPI
import SQLInspection

/// What a text may leave in its session, as far as the text tells: never less than it will.
///
/// What runs out of the text's sight is not here: triggers, defaults, rules and policies of tables, views, operators and
/// casts of somebody's own, and functions of one argument that are written as columns (`x.f`).
struct StatementEffects: Equatable {
    /// A setting that goes back to what the session began with.
    struct Reset: Equatable, Hashable {
        /// Lower case.
        let name: String
        /// SET LOCAL … TO DEFAULT.
        let isLocal: Bool
    }

    static let none = StatementEffects()
    /// Of a text that nobody could read.
    static let anything: StatementEffects = {
        var effects = StatementEffects()
        effects.changesUnknownSettings = true
        effects.callsUnknownFunctions = true
        return effects
    }()

    /// Settings of the session that may have another value afterwards, in lower case: those in `resets` too.
    var settings: Set<String> = []
    /// Settings whose last mention in the text is RESET or DEFAULT.
    var resets: Set<Reset> = []
    /// RESET ALL or DISCARD ALL: every setting goes back, but those in `settings` that are not in `resets` were set
    /// after it.
    var resetsAll = false
    /// Settings may have changed whose names the text does not tell.
    var changesUnknownSettings = false
    /// Functions of somebody's own, procedural code, data definition or an EXECUTE may have run: only the server can tell
    /// what settings have changed and which pins there are.
    var callsUnknownFunctions = false
    /// What may be on the server connection afterwards.
    var pins: PinReasons = []
    /// currval or lastval: the answer must be this session's own.
    var readsSequences = false
    /// pg_prepared_statements shows what is prepared on the server connection.
    var readsPreparedStatements = false
    /// Settings of the transaction whose last mention in the text is SET LOCAL to a value. They leave nothing.
    private(set) var localSettings: Set<String> = []

    /// Whether the text leaves nothing, asks nothing of its session, and means the same at any time.
    var isEmpty: Bool {
        var leaving = self
        leaving.localSettings = []
        return leaving == .none
    }

    /// Whether it calls a function of sequences by name.
    var touchesSequences: Bool { readsSequences || pins.contains(.sequences) }

    init() {}

    /// What one statement may leave.
    ///
    /// - Parameter constants: the statement's constants in the text at hand.
    init(of facts: StatementFacts, constants: some ConstantSource) {
        add(facts.sessionState)
        addSettings(of: facts)
        for call in facts.calls { add(call, constants) }
        for attribute in facts.attributes where attribute.base == .expression {
            add(FunctionEffects(ofAttribute: attribute.name))
        }
        for relation in facts.relations { add(relation) }
        if facts.discard == .all { resetAll() }
        // What the prepared statement does was told at PREPARE, which is another text.
        if case .execute = facts.preparedStatement { callsUnknownFunctions = true }
        if facts.undecided != nil, !isToldDespiteUndecided(facts) { pins.insert(.unknown) }
    }

    /// Adds what the next statement of the same text may leave.
    mutating func append(_ next: StatementEffects) {
        if next.resetsAll { resetAll() }
        for name in next.settings { set(name) }
        for name in next.localSettings { setLocally(name) }
        for reset in next.resets { self.reset(reset) }
        changesUnknownSettings = changesUnknownSettings || next.changesUnknownSettings
        callsUnknownFunctions = callsUnknownFunctions || next.callsUnknownFunctions
        pins.formUnion(next.pins)
        readsSequences = readsSequences || next.readsSequences
        readsPreparedStatements = readsPreparedStatements || next.readsPreparedStatements
    }

    // MARK: Settings

    private mutating func set(_ name: String) {
        settings.insert(name)
        resets.remove(Reset(name: name, isLocal: false))
        resets.remove(Reset(name: name, isLocal: true))
        localSettings.remove(name)
    }

    private mutating func setLocally(_ name: String) {
        resets.remove(Reset(name: name, isLocal: true))
        localSettings.insert(name)
    }

    private mutating func reset(_ reset: Reset) {
        if !reset.isLocal { set(reset.name) }
        localSettings.remove(reset.name)
        resets.insert(reset)
    }

    private mutating func resetAll() {
        resetsAll = true
        for name in settings { reset(Reset(name: name, isLocal: false)) }
        resets = resets.filter { !$0.isLocal }
        localSettings = []
    }

    private mutating func addSettings(of facts: StatementFacts) {
        // SET LOCAL … TO DEFAULT is the reset that leaves nothing in the session.
        let isLocal = !facts.sessionState.contains(.settings)
        for use in facts.settings {
            switch (SettingName(use.name), use.action) {
            case (_, .show), (_, .showAll): break
            case (_, .resetAll): resetAll()
            case (.transaction, _): break
            // Seeds whatever the transaction comes to.
            case (.randomSeed, .set), (.randomSeed, .setLocal): pins.insert(.randomSeed)
            case (.randomSeed, .reset): break
            // `sessionState` tells of those that last.
            case (.role, _): break
            case (.value(let name), .set): set(name)
            case (.value(let name), .setLocal): setLocally(name)
            case (.value(let name), .reset): reset(Reset(name: name, isLocal: isLocal))
            }
        }
    }

    /// `set_config(name, value, is_local)`. A NULL for a value resets the setting, if the call is made at all.
    private mutating func addSetting(_ arguments: [Argument], _ constants: some ConstantSource) {
        guard arguments.count == 3, arguments.allSatisfy({ $0.name == nil }),
            let name = arguments[0].value.text(constants)
        else {
            pins.insert(.role)
            changesUnknownSettings = true
            return
        }
        switch SettingName(name) {
        case .transaction: break
        case .randomSeed: pins.insert(.randomSeed)
        case .role: if arguments[2].value != .boolean(true) { pins.insert(.role) }
        case .value(let name): if arguments[2].value != .boolean(true) { set(name) }
        }
    }

    // MARK: Everything else

    private mutating func add(_ state: SessionState) {
        if state.contains(.preparedStatements) { pins.insert(.preparedStatements) }
        if state.contains(.temporaryObjects) { pins.insert(.temporaryObjects) }
        if state.contains(.notifications) { pins.insert(.listens) }
        if state.contains(.heldCursors) { pins.insert(.heldCursors) }
        if state.contains(.role) { pins.insert(.role) }
        if state.contains(.loadedCode) { pins.insert(.loadedCode) }
        if state.contains(.unseen) { callsUnknownFunctions = true }
    }

    private mutating func add(_ call: FunctionCall, _ constants: some ConstantSource) {
        let effects = FunctionEffects(of: call.name)
        if case .setting = effects, !call.isVariadic {
            addSetting(call.arguments, constants)
        } else {
            add(effects)
        }
    }

    private mutating func add(_ effects: FunctionEffects) {
        switch effects {
        case .none: break
        case .pins(let reasons): pins.formUnion(reasons)
        case .readsSequences: readsSequences = true
        case .setting:
            pins.insert(.role)
            changesUnknownSettings = true
        case .readsPreparedStatements: readsPreparedStatements = true
        case .anything: callsUnknownFunctions = true
        }
    }

    private mutating func add(_ relation: RelationUse) {
        // Without a schema, search_path decides whether a new table is temporary.
        if relation.access == .create, relation.name.schema == nil { callsUnknownFunctions = true }
        guard relation.name.schema == nil || relation.name.schema == "pg_catalog" else { return }
        switch relation.name.name {
        case "pg_settings" where relation.access == .update: changesUnknownSettings = true
        case "pg_prepared_statements": readsPreparedStatements = true
        default: break
        }
    }

    /// A statement that nobody can judge may still be one whose traces are known: SET without its value, LOAD, and what
    /// the server is asked about.
    private func isToldDespiteUndecided(_ facts: StatementFacts) -> Bool {
        if !facts.sessionState.isDisjoint(with: [.loadedCode, .unseen]) { return true }
        return facts.kinds == [.set] && facts.settings.count == 1
    }
}

extension ArgumentValue {
    /// The value of a string literal, as itself or cast to a type that leaves it as it is.
    fileprivate func text(_ constants: some ConstantSource) -> String? {
        switch self {
        case .constant(let index): return constants.value(ofConstant: index)
        case .cast(let value, let type):
            let isText = type.name.name == "text" || type.name.name == "varchar"
            let isBuiltIn = type.name.schema == nil || type.name.schema == "pg_catalog"
            return isText && isBuiltIn && !type.isArray && !type.hasModifier ? value.text(constants) : nil
        default: return nil
        }
    }
}
