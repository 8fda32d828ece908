import CPgQuery

extension TreeWalk {
    mutating func column(_ node: TreeNode) {
        guard let fields = unsafe TreeList(node.fields(as: ColumnRef.self).fields) else { return }
        guard fields.count > 1, let last = fields[fields.count - 1], last.tag != Tag.star else { return }
        guard let name = last.identifier else {
            facts.refuse("ColumnRef.fields", "a part that is not a name")
            return
        }
        facts.attributes.append(AttributeUse(name: name, base: .fromItem))
    }

    /// `(expr).f` and `expr[…].f`; subscripts are expressions.
    mutating func indirection(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        walkFields(of: node, entry, context)
        visitIndirection(unsafe TreeList(node.fields(as: A_Indirection.self).indirection), context)
    }

    /// `SET column.field[…] = …` and the target columns of INSERT; elsewhere there is no indirection.
    mutating func resultTarget(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        visitIndirection(unsafe TreeList(node.fields(as: ResTarget.self).indirection), context)
        walkFields(of: node, entry, context)
    }

    private mutating func visitIndirection(_ steps: TreeList?, _ context: Context) {
        guard let steps else { return }
        for index in 0..<steps.count {
            guard let step = steps[index] else { continue }
            if let name = step.identifier {
                facts.attributes.append(AttributeUse(name: name, base: .expression))
            } else {
                visit(step, context.with(.free))
            }
        }
    }

    /// `SET (a, b) = (…)`: every column's node shares the one source.
    mutating func multipleAssignment(_ node: TreeNode, _ context: Context) {
        let assignment = unsafe node.fields(as: MultiAssignRef.self)
        guard unsafe assignment.colno == 1 else { return }
        visit(unsafe TreeNode(assignment.source), context.with(.free))
    }

    mutating func sublink(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let sublink = unsafe node.fields(as: SubLink.self)
        if let name = unsafe TreeList(sublink.operName) {
            addOperator(name, of: "SubLink.operName")
        } else if unsafe sublink.subLinkType == ANY_SUBLINK {
            facts.addOperator(QualifiedName("="))
        }
        let outerLocks = activeLocks
        activeLocks = .none
        walkFields(of: node, entry, context)
        activeLocks = outerLocks
    }

    /// `CASE x WHEN y` compares with `=`, looked up by name.
    mutating func caseExpression(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        if unsafe node.fields(as: CaseExpr.self).arg != nil { facts.addOperator(QualifiedName("=")) }
        walkFields(of: node, entry, context)
    }

    mutating func sortBy(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        if let name = unsafe TreeList(node.fields(as: SortBy.self).useOp) { addOperator(name, of: "SortBy.useOp") }
        walkFields(of: node, entry, context)
    }

    mutating func collation(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        addCollation(unsafe TreeList(node.fields(as: CollateClause.self).collname))
        walkFields(of: node, entry, context)
    }

    mutating func operation(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let expression = unsafe node.fields(as: A_Expr.self)
        switch unsafe expression.kind {
        case AEXPR_OP, AEXPR_OP_ANY, AEXPR_OP_ALL, AEXPR_DISTINCT, AEXPR_NOT_DISTINCT, AEXPR_NULLIF, AEXPR_IN,
            AEXPR_LIKE, AEXPR_ILIKE, AEXPR_SIMILAR:
            if let name = unsafe TreeList(expression.name) { addOperator(name, of: "A_Expr.name") }
        case AEXPR_BETWEEN: addOperators(">=", "<=")
        case AEXPR_NOT_BETWEEN: addOperators("<", ">")
        case AEXPR_BETWEEN_SYM: addOperators(">=", "<=")
        case AEXPR_NOT_BETWEEN_SYM: addOperators("<", ">")
        default: facts.refuse("A_Expr.kind", "an operator expression without a rule")
        }
        walkFields(of: node, entry, context)
    }

    private mutating func addOperators(_ first: Swift.String, _ second: Swift.String) {
        facts.addOperator(QualifiedName(first))
        facts.addOperator(QualifiedName(second))
    }

    private mutating func addOperator(_ names: TreeList, of field: Swift.String) {
        guard let name = names.qualifiedName else {
            facts.refuse(field, "not a name of one to three parts")
            return
        }
        facts.addOperator(name)
    }

    /// `CURRENT_USER` and the like: calls that the grammar spells without a name.
    mutating func valueFunction(_ node: TreeNode, _ context: Context) {
        let function = node.fields(as: SQLValueFunction.self)
        let name: Swift.String
        switch function.op {
        case SVFOP_CURRENT_DATE: name = "current_date"
        case SVFOP_CURRENT_TIME, SVFOP_CURRENT_TIME_N: name = "current_time"
        case SVFOP_CURRENT_TIMESTAMP, SVFOP_CURRENT_TIMESTAMP_N: name = "current_timestamp"
        case SVFOP_LOCALTIME, SVFOP_LOCALTIME_N: name = "localtime"
        case SVFOP_LOCALTIMESTAMP, SVFOP_LOCALTIMESTAMP_N: name = "localtimestamp"
        case SVFOP_CURRENT_ROLE: name = "current_role"
        case SVFOP_CURRENT_USER: name = "current_user"
        case SVFOP_USER: name = "user"
        case SVFOP_SESSION_USER: name = "session_user"
        case SVFOP_CURRENT_CATALOG: name = "current_catalog"
        case SVFOP_CURRENT_SCHEMA: name = "current_schema"
        default:
            facts.refuse("SQLValueFunction.op", "a value function without a rule")
            return
        }
        facts.calls.append(
            FunctionCall(
                name: QualifiedName(schema: "pg_catalog", name),
                place: context.place,
                arguments: [],
                offset: Int(function.location)
            )
        )
    }
}
