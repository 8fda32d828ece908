import CPgQuery

/// The row locks (FOR UPDATE, FOR SHARE) that hold for FROM items.
enum RowLocks {
    case none
    /// On every item.
    case all
    /// On the items that the clauses name, or on all where a clause names none.
    case clauses(TreeList)

    func holds(for name: Swift.String?) -> Bool {
        switch self {
        case .none:
            return false
        case .all:
            return true
        case .clauses(let clauses):
            for index in 0..<clauses.count {
                guard let clause = clauses[index], clause.tag == Tag.locking else { return true }
                guard let items = unsafe TreeList(clause.fields(as: LockingClause.self).lockedRels) else { return true }
                for item in 0..<items.count {
                    guard let relation = items[item], relation.tag == Tag.rangeVar else { return true }
                    if unsafe text(relation.fields(as: RangeVar.self).relname) == name { return true }
                }
            }
            return false
        }
    }
}

extension TreeWalk {
    mutating func select(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let select = unsafe node.fields(as: SelectStmt.self)
        if isAtStatement {
            isAtStatement = false
            if createsTable(node) { facts.kinds.append(.createTableAs) }
            facts.kinds.append(.select)
        }
        let outerLocks = (selectLocks, activeLocks)
        let scope = commonTables.count
        selectLocks = rowLocks(unsafe TreeList(select.lockingClause))
        inheritedLocks = .none
        activeLocks = .none
        walkFields(of: node, entry, context)
        (selectLocks, activeLocks) = outerLocks
        leaveScope(scope)
    }

    /// The row locks of a SELECT: its own, unless one from outside holds for all of it.
    private func rowLocks(_ clauses: TreeList?) -> RowLocks {
        if case .all = inheritedLocks { return .all }
        guard let clauses else { return .none }
        for index in 0..<clauses.count { applyMask(to: clauses[index]) }
        return .clauses(clauses)
    }

    /// SELECT INTO: the grammar leaves INTO on the first SELECT of a set operation.
    private func createsTable(_ node: TreeNode) -> Bool {
        var node = node
        while node.tag == Tag.select {
            let select = unsafe node.fields(as: SelectStmt.self)
            if unsafe select.intoClause != nil { return true }
            guard let left = unsafe TreeNode(select.larg) else { return false }
            node = left
        }
        return false
    }

    mutating func insert(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let insert = unsafe node.fields(as: InsertStmt.self)
        begin(.insert)
        let scope = commonTables.count
        addTarget(unsafe TreeNode(insert.relation), .insert)
        if let conflict = unsafe insert.onConflictClause {
            applyMask(to: unsafe TreeNode(conflict))
            addTarget(unsafe TreeNode(insert.relation), .select)
            if unsafe conflict.pointee.action != ONCONFLICT_NOTHING {
                addTarget(unsafe TreeNode(insert.relation), .update)
            }
        } else if unsafe insert.returningList != nil {
            addTarget(unsafe TreeNode(insert.relation), .select)
        }
        walkFields(of: node, entry, context)
        leaveScope(scope)
    }

    mutating func update(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        begin(.update)
        let scope = commonTables.count
        let relation = unsafe TreeNode(node.fields(as: UpdateStmt.self).relation)
        addTarget(relation, .update)
        addTarget(relation, .select)
        walkFields(of: node, entry, context)
        leaveScope(scope)
    }

    mutating func delete(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        begin(.delete)
        let scope = commonTables.count
        let relation = unsafe TreeNode(node.fields(as: DeleteStmt.self).relation)
        addTarget(relation, .delete)
        addTarget(relation, .select)
        walkFields(of: node, entry, context)
        leaveScope(scope)
    }

    mutating func merge(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        begin(.merge)
        let scope = commonTables.count
        let merge = unsafe node.fields(as: MergeStmt.self)
        let relation = unsafe TreeNode(merge.relation)
        addTarget(relation, .select)
        if let clauses = unsafe TreeList(merge.mergeWhenClauses) {
            for index in 0..<clauses.count {
                guard let clause = clauses[index], clause.tag == Tag.mergeWhen else { continue }
                applyMask(to: clause)
                switch unsafe clause.fields(as: MergeWhenClause.self).commandType {
                case CMD_INSERT: addTarget(relation, .insert)
                case CMD_UPDATE: addTarget(relation, .update)
                case CMD_DELETE: addTarget(relation, .delete)
                case CMD_NOTHING: break
                default: facts.refuse("MergeWhenClause.commandType", "an action that MERGE does not have")
                }
            }
        }
        walkFields(of: node, entry, context)
        leaveScope(scope)
    }

    /// A statement that changes data, on its own or as a CTE.
    private mutating func begin(_ kind: StatementKind) {
        isAtStatement = false
        facts.kinds.append(kind)
        facts.writes = true
    }

    /// Adds what a statement writes to. Such a name never means a CTE.
    mutating func addTarget(_ node: TreeNode?, _ access: RelationUse.Access) {
        guard let node, node.tag == Tag.rangeVar else { return }
        guard !isMasked(node, tag: node.tag) else { return }
        unsafe facts.relations.append(RelationUse(name: relationName(node.fields(as: RangeVar.self)), access: access))
    }

    private func relationName(_ relation: RangeVar) -> QualifiedName {
        unsafe QualifiedName(
            database: text(relation.catalogname),
            schema: text(relation.schemaname),
            text(relation.relname) ?? ""
        )
    }

    /// Opens the scope of a WITH clause: a CTE sees those before it, under RECURSIVE all of them.
    mutating func with(_ node: TreeNode, _ context: Context) {
        let clause = unsafe node.fields(as: WithClause.self)
        guard let tables = unsafe TreeList(clause.ctes) else { return }
        isAtStatement = false
        if unsafe clause.recursive {
            for index in 0..<tables.count { addCommonTable(tables[index]) }
        }
        for index in 0..<tables.count {
            visit(tables[index], context)
            if unsafe !clause.recursive { addCommonTable(tables[index]) }
        }
    }

    private mutating func addCommonTable(_ node: TreeNode?) {
        guard let node, node.tag == Tag.commonTable else { return }
        applyMask(to: node)
        if let name = unsafe text(node.fields(as: CommonTableExpr.self).ctename) { commonTables.append(name) }
    }

    private mutating func leaveScope(_ count: Int) {
        if commonTables.count > count { commonTables.removeLast(commonTables.count - count) }
    }

    mutating func rangeVar(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let relation = unsafe node.fields(as: RangeVar.self)
        let name = unsafe relationName(relation)
        if name.schema == nil, !commonTables.isEmpty,
            commonTables.contains(where: { $0.utf8.elementsEqual(name.name.utf8) })
        {
            walkFields(of: node, entry, context)
            return
        }
        facts.relations.append(RelationUse(name: name, access: .select))
        switch activeLocks {
        case .none: break
        case .all: facts.relations.append(RelationUse(name: name, access: .update))
        case .clauses:
            if activeLocks.holds(for: unsafe alias(relation.alias) ?? name.name) {
                facts.relations.append(RelationUse(name: name, access: .update))
            }
        }
        walkFields(of: node, entry, context)
    }

    private func alias(_ alias: UnsafeMutablePointer<Alias>?) -> Swift.String? {
        guard let alias = unsafe alias else { return nil }
        return unsafe text(alias.pointee.aliasname)
    }

    /// A row lock on a subselect holds for everything in its FROM.
    mutating func rangeSubselect(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let subselect = unsafe node.fields(as: RangeSubselect.self)
        inheritedLocks = unsafe activeLocks.holds(for: alias(subselect.alias)) ? .all : .none
        walkFields(of: node, entry, context)
        inheritedLocks = .none
    }

    /// `TABLESAMPLE f (…)` looks up and calls a function.
    mutating func tableSample(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let sample = unsafe node.fields(as: RangeTableSample.self)
        let arguments = unsafe argumentList(TreeList(sample.args), context.with(.free))
        if let name = unsafe TreeList(sample.method)?.qualifiedName {
            unsafe facts.calls.append(
                FunctionCall(name: name, place: .from, arguments: arguments, offset: Int(sample.location))
            )
        } else {
            facts.refuse("RangeTableSample.method", "not a name of one to three parts")
        }
        walkFields(of: node, entry, context)
    }

    /// USING and NATURAL compare with `=`, looked up by name.
    mutating func join(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let join = unsafe node.fields(as: JoinExpr.self)
        if unsafe join.isNatural || join.usingClause != nil { facts.addOperator(QualifiedName("=")) }
        walkFields(of: node, entry, context)
    }

    mutating func into(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let into = unsafe node.fields(as: IntoClause.self)
        facts.writes = true
        addTarget(unsafe TreeNode(into.rel), .create)
        if unsafe isTemporary(into.rel) { facts.sessionState.insert(.temporaryObjects) }
        walkFields(of: node, entry, context)
    }

    mutating func indexElement(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        addCollation(unsafe TreeList(node.fields(as: IndexElem.self).collation))
        walkFields(of: node, entry, context)
    }

    mutating func addCollation(_ names: TreeList?) {
        guard let names else { return }
        guard let name = names.qualifiedName else {
            facts.refuse("CollateClause.collname", "not a name of one to three parts")
            return
        }
        facts.collations.append(name)
    }
}
