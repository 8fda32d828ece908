import CPgQuery

extension TreeWalk {
    mutating func transaction(_ node: TreeNode) {
        let statement = unsafe node.fields(as: TransactionStmt.self)
        let name = unsafe text(statement.savepoint_name) ?? ""
        switch unsafe statement.kind {
        case TRANS_STMT_BEGIN, TRANS_STMT_START: control(.begin, .begin)
        case TRANS_STMT_COMMIT: unsafe control(.commit, .commit(chain: statement.chain))
        case TRANS_STMT_ROLLBACK: unsafe control(.rollback, .rollback(chain: statement.chain))
        case TRANS_STMT_SAVEPOINT: control(.savepoint, .savepoint(name))
        case TRANS_STMT_RELEASE: control(.release, .release(name))
        case TRANS_STMT_ROLLBACK_TO: control(.rollback, .rollbackTo(name))
        case TRANS_STMT_PREPARE: control(.prepareTransaction, .twoPhase)
        case TRANS_STMT_COMMIT_PREPARED: control(.commitPrepared, .twoPhase)
        case TRANS_STMT_ROLLBACK_PREPARED: control(.rollbackPrepared, .twoPhase)
        default:
            facts.kinds.append(.unknown)
            facts.refuse("TransactionStmt.kind", "transaction control without a rule")
        }
        transactionModes(unsafe TreeList(statement.options), of: "TransactionStmt.options", prefix: "", isLocal: true)
    }

    private mutating func control(_ kind: StatementKind, _ transaction: TransactionControl) {
        facts.kinds.append(kind)
        facts.transaction = transaction
    }

    /// SET in all its spellings: TIME ZONE, NAMES, SCHEMA, ROLE and the others arrive here under their settings' names.
    mutating func set(_ node: TreeNode) {
        let set = unsafe node.fields(as: VariableSetStmt.self)
        let name = unsafe text(set.name) ?? ""
        switch unsafe set.kind {
        case VAR_SET_VALUE:
            facts.kinds.append(.set)
            unsafe addSetting(name, values: settingValues(unsafe TreeList(set.args)), isLocal: set.is_local)
        case VAR_SET_DEFAULT:
            facts.kinds.append(.set)
            facts.settings.append(SettingUse(name: lowercase(name), action: .reset))
            if unsafe !set.is_local { leaves(name) }
        case VAR_SET_CURRENT:
            facts.kinds.append(.set)
            unsafe addSetting(name, values: [], isLocal: set.is_local)
            facts.refuse("VariableSetStmt.kind", "FROM CURRENT sets a value that is not in the text")
        case VAR_SET_MULTI:
            facts.kinds.append(.set)
            setTransaction(name, unsafe TreeList(set.args))
        case VAR_RESET:
            facts.kinds.append(.reset)
            facts.settings.append(SettingUse(name: lowercase(name), action: .reset))
            leaves(name)
        case VAR_RESET_ALL:
            facts.kinds.append(.reset)
            facts.settings.append(SettingUse(name: "", action: .resetAll))
            facts.sessionState.formUnion([.settings])
        default:
            facts.kinds.append(.unknown)
            facts.refuse("VariableSetStmt.kind", "a form of SET without a rule")
        }
    }

    mutating func show(_ node: TreeNode) {
        facts.kinds.append(.show)
        let name = unsafe lowercase(text(node.fields(as: VariableShowStmt.self).name) ?? "")
        facts.settings.append(
            name == "all" ? SettingUse(name: "", action: .showAll) : SettingUse(name: name, action: .show)
        )
    }

    private mutating func setTransaction(_ form: Swift.String, _ arguments: TreeList?) {
        let field = "VariableSetStmt.args"
        switch form {
        case "TRANSACTION":
            transactionModes(arguments, of: field, prefix: "", isLocal: true)
        case "SESSION CHARACTERISTICS":
            transactionModes(arguments, of: field, prefix: "default_", isLocal: false)
        case "TRANSACTION SNAPSHOT":
            addSetting("transaction_snapshot", values: settingValues(arguments), isLocal: true)
        default:
            facts.refuse("VariableSetStmt.name", "a form of SET without a rule")
        }
    }

    /// Isolation level, READ ONLY and DEFERRABLE are settings of the transaction, or of those to come.
    private mutating func transactionModes(
        _ options: TreeList?,
        of field: Swift.String,
        prefix: Swift.String,
        isLocal: Bool
    ) {
        unsafe eachOption(options, of: field) { walk, option in
            switch unsafe text(option.defname) {
            case "transaction_isolation"?, "transaction_read_only"?, "transaction_deferrable"?:
                let name = unsafe prefix + (text(option.defname) ?? "")
                walk.addSetting(name, values: [walk.settingValue(unsafe TreeNode(option.arg))], isLocal: isLocal)
            default:
                walk.facts.refuse(field, "a transaction mode without a rule")
            }
        }
    }

    private mutating func addSetting(_ name: Swift.String, values: [Swift.String], isLocal: Bool) {
        facts.settings.append(
            SettingUse(name: lowercase(name), action: isLocal ? .setLocal(values: values) : .set(values: values))
        )
        if !isLocal { leaves(name) }
    }

    private mutating func leaves(_ name: Swift.String) {
        facts.sessionState.insert(.settings)
        let name = lowercase(name)
        if name == "role" || name == "session_authorization" { facts.sessionState.insert(.role) }
    }

    private mutating func settingValues(_ nodes: TreeList?) -> [Swift.String] {
        guard let nodes else { return [] }
        return (0..<nodes.count).map { settingValue(nodes[$0]) }
    }

    /// A setting's value, which only a constant can be.
    private mutating func settingValue(_ node: TreeNode?) -> Swift.String {
        guard let node, node.tag == Tag.constant else {
            facts.refuse("VariableSetStmt.args", "a value that is not a plain constant")
            return ""
        }
        switch constant(node, Context(place: .other, literals: .below(.settingValue))) {
        case .constant(let index): return facts.constants[index].value
        case .boolean(let value): return value ? "true" : "false"
        default:
            facts.refuse("VariableSetStmt.args", "a value that is not a plain constant")
            return ""
        }
    }

    /// Names of settings fold as PostgreSQL folds them: ASCII only.
    private func lowercase(_ name: Swift.String) -> Swift.String {
        guard name.utf8.contains(where: { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }) else { return name }
        let bytes = name.utf8.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
        return Swift.String(decoding: bytes, as: UTF8.self)
    }
}
