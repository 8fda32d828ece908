import CPgQuery

extension TreeWalk {
    /// What a statement without rules may leave in its session: it has no facts, but its kind tells as much.
    func stateLeft(byRefused node: TreeNode) -> SessionState {
        guard table.entry(node.tag).kind == .refused else { return [] }
        if node.tag == Int(T_LoadStmt.rawValue) { return .loadedCode }
        return createsTemporaryObject(node) ? [.unseen, .temporaryObjects] : .unseen
    }

    /// A temporary object that is called one, by TEMP or by its schema. Others, made so by search_path, are `unseen`.
    private func createsTemporaryObject(_ node: TreeNode) -> Bool {
        switch UInt32(node.tag) {
        case T_CreateStmt.rawValue: unsafe isTemporary(node.fields(as: CreateStmt.self).relation)
        case T_CreateForeignTableStmt.rawValue:
            unsafe isTemporary(node.fields(as: CreateForeignTableStmt.self).base.relation)
        case T_CreateSeqStmt.rawValue: unsafe isTemporary(node.fields(as: CreateSeqStmt.self).sequence)
        case T_ViewStmt.rawValue: unsafe isTemporary(node.fields(as: ViewStmt.self).view)
        case T_CompositeTypeStmt.rawValue: unsafe isTemporary(node.fields(as: CompositeTypeStmt.self).typevar)
        case T_CreateFunctionStmt.rawValue: unsafe isTemporary(node.fields(as: CreateFunctionStmt.self).funcname)
        case T_DefineStmt.rawValue: unsafe isTemporary(node.fields(as: DefineStmt.self).defnames)
        case T_CreateDomainStmt.rawValue: unsafe isTemporary(node.fields(as: CreateDomainStmt.self).domainname)
        case T_CreateEnumStmt.rawValue: unsafe isTemporary(node.fields(as: CreateEnumStmt.self).typeName)
        case T_CreateRangeStmt.rawValue: unsafe isTemporary(node.fields(as: CreateRangeStmt.self).typeName)
        default: false
        }
    }

    /// TEMP, LOCAL TEMP and GLOBAL TEMP, or a name in pg_temp.
    func isTemporary(_ relation: UnsafeMutablePointer<RangeVar>?) -> Bool {
        guard let relation = unsafe relation?.pointee else { return false }
        return unsafe relation.relpersistence == CChar(bitPattern: UInt8(ascii: "t"))
            || isTemporarySchema(text(relation.schemaname))
    }

    private func isTemporary(_ name: UnsafeMutablePointer<List>?) -> Bool {
        unsafe isTemporarySchema(TreeList(name)?.qualifiedName?.schema)
    }

    /// `pg_temp`, and `pg_temp_3` as the catalogs call it.
    private func isTemporarySchema(_ schema: Swift.String?) -> Bool {
        schema?.hasPrefix("pg_temp") == true
    }
}
