import CPgQuery

extension TreeWalk {
    mutating func explain(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        facts.kinds.append(.explain)
        unsafe eachOption(unsafe TreeList(node.fields(as: ExplainStmt.self).options), of: "ExplainStmt.options") {
            walk,
            option in
            switch unsafe text(option.defname) {
            case "analyze", "verbose", "costs", "settings", "buffers", "wal", "timing", "summary", "format": break
            default: walk.facts.refuse("ExplainStmt.options", "an option that EXPLAIN does not have in PostgreSQL 15")
            }
            unsafe walk.expectPlainValue(of: option, in: "ExplainStmt.options")
        }
        walkFields(of: node, entry, context)
    }

    mutating func declareCursor(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let declare = unsafe node.fields(as: DeclareCursorStmt.self)
        let isHoldable = unsafe declare.options & CURSOR_OPT_HOLD != 0
        facts.kinds.append(.declareCursor)
        facts.cursor = .declare(name: unsafe text(declare.portalname) ?? "", isHoldable: isHoldable)
        if isHoldable { facts.sessionState.insert(.heldCursors) }
        walkFields(of: node, entry, context)
    }

    mutating func fetch(_ node: TreeNode) {
        let fetch = unsafe node.fields(as: FetchStmt.self)
        unsafe facts.kinds.append(fetch.ismove ? .move : .fetch)
        facts.cursor = .fetch(name: unsafe text(fetch.portalname) ?? "")
    }

    mutating func closeCursor(_ node: TreeNode) {
        facts.kinds.append(.closeCursor)
        let name = unsafe text(node.fields(as: ClosePortalStmt.self).portalname)
        facts.cursor = name.map { .close(name: $0) } ?? .closeAll
    }

    mutating func prepare(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let prepare = unsafe node.fields(as: PrepareStmt.self)
        facts.kinds.append(.prepare)
        facts.sessionState.insert(.preparedStatements)
        var types: [TypeUse] = []
        if let nodes = unsafe TreeList(prepare.argtypes) {
            for index in 0..<nodes.count {
                if let type = typeUse(nodes[index]) { types.append(type) }
                visit(nodes[index], context)
            }
        }
        facts.preparedStatement = .prepare(name: unsafe text(prepare.name) ?? "", parameterTypes: types)
        walkFields(of: node, entry, context)
    }

    mutating func execute(_ node: TreeNode, _ context: Context) {
        isAtStatement = false
        let execute = unsafe node.fields(as: ExecuteStmt.self)
        facts.kinds.append(.execute)
        let place = Context(place: .parameters, literals: context.literals)
        let arguments = unsafe argumentList(TreeList(execute.params), place)
        facts.preparedStatement = .execute(name: unsafe text(execute.name) ?? "", arguments: arguments.map(\.value))
    }

    mutating func deallocate(_ node: TreeNode) {
        facts.kinds.append(.deallocate)
        let name = unsafe text(node.fields(as: DeallocateStmt.self).name)
        facts.preparedStatement = name.map { .deallocate(name: $0) } ?? .deallocateAll
    }

    mutating func discard(_ node: TreeNode) {
        facts.kinds.append(.discard)
        switch node.fields(as: DiscardStmt.self).target {
        case DISCARD_ALL: facts.discard = .all
        case DISCARD_PLANS: facts.discard = .plans
        case DISCARD_SEQUENCES: facts.discard = .sequences
        case DISCARD_TEMP: facts.discard = .temporary
        default: facts.refuse("DiscardStmt.target", "a target without a rule")
        }
    }

    mutating func copy(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let copy = unsafe node.fields(as: CopyStmt.self)
        unsafe facts.kinds.append(copy.is_from ? .copyFrom : .copyTo)
        if unsafe copy.is_from { facts.writes = true }
        if unsafe copy.filename == nil && !copy.is_program {
            facts.copy = unsafe copy.is_from ? .fromClient : .toClient
        }
        if unsafe copy.is_program { facts.refuse("CopyStmt.is_program", "COPY runs a program on the server") }
        unsafe addTarget(unsafe TreeNode(copy.relation), copy.is_from ? .insert : .select)
        unsafe eachOption(unsafe TreeList(copy.options), of: "CopyStmt.options") { walk, option in
            switch unsafe text(option.defname) {
            case "format", "freeze", "delimiter", "null", "header", "quote", "escape", "force_quote", "force_not_null",
                "force_null":
                break
            case "encoding":
                walk.facts.refuse("CopyStmt.options", "ENCODING runs a conversion that is looked up by name")
            default:
                walk.facts.refuse("CopyStmt.options", "an option that COPY does not have in PostgreSQL 15")
            }
            unsafe walk.expectPlainValue(of: option, in: "CopyStmt.options")
        }
        walkFields(of: node, entry, context)
    }

    mutating func truncate(_ node: TreeNode) {
        let truncate = unsafe node.fields(as: TruncateStmt.self)
        facts.kinds.append(.truncate)
        facts.writes = true
        addTargets(unsafe TreeList(truncate.relations), .truncate)
        if unsafe truncate.behavior == DROP_CASCADE {
            facts.refuse("TruncateStmt.behavior", "CASCADE empties tables that are not named")
        }
    }

    mutating func lock(_ node: TreeNode) {
        facts.kinds.append(.lock)
        addTargets(unsafe TreeList(node.fields(as: LockStmt.self).relations), .lock)
    }

    private mutating func addTargets(_ relations: TreeList?, _ access: RelationUse.Access) {
        guard let relations else { return }
        for index in 0..<relations.count { addTarget(relations[index], access) }
    }

    mutating func createTableAs(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        guard unsafe node.fields(as: CreateTableAsStmt.self).objtype == OBJECT_TABLE else {
            facts.kinds.append(.unknown)
            facts.sessionState.insert(.unseen)
            facts.refuse("CreateTableAsStmt.objtype", "materialized views are data definition")
            return
        }
        facts.kinds.append(.createTableAs)
        walkFields(of: node, entry, context)
    }

    /// Looks at each option of a statement.
    mutating func eachOption(
        _ options: TreeList?,
        of field: Swift.String,
        _ body: (inout TreeWalk, DefElem) -> Void
    ) {
        guard let options else { return }
        for index in 0..<options.count {
            guard let option = options[index], option.tag == Tag.definition else {
                facts.refuse(field, "an option without a rule")
                continue
            }
            let definition = unsafe option.fields(as: DefElem.self)
            if unsafe definition.defnamespace != nil || definition.defaction != DEFELEM_UNSPEC {
                facts.refuse(field, "an option without a rule")
            }
            unsafe body(&self, definition)
        }
    }

    /// Options of EXPLAIN and COPY are words, numbers, `*`, or lists of names: nothing that runs.
    mutating func expectPlainValue(of option: DefElem, in field: Swift.String) {
        guard let value = unsafe TreeNode(option.arg) else { return }
        switch value.tag {
        case Tag.string, Tag.integer, Tag.float, Tag.boolean, Tag.star: break
        case Tag.list where value.list?.identifiers != nil: break
        default: facts.refuse(field, "an option whose value is not a plain one")
        }
    }
}
