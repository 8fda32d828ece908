import CPgQuery

extension TreeWalk {
    /// Casts in one argument deeper than this are `.other`: nobody's rule wants them, and values stay shallow.
    private static let nestingLimit = 16

    mutating func call(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let call = unsafe node.fields(as: FuncCall.self)
        guard let name = unsafe TreeList(call.funcname)?.qualifiedName else {
            facts.refuse("FuncCall.funcname", "not a name of one to three parts")
            walkFields(of: node, entry, context.with(.free))
            return
        }
        let literals = unsafe literalRule(of: name, call.funcformat)
        let index = facts.calls.count
        // Calls stand in the order of their names in the tree: the outer one before those in its arguments.
        facts.calls.append(FunctionCall(name: name, place: context.place, arguments: []))
        let arguments = unsafe argumentList(TreeList(call.args), context.with(literals))
        facts.calls[index] = unsafe FunctionCall(
            name: name,
            place: context.place,
            arguments: arguments,
            isVariadic: call.func_variadic,
            hasStar: call.agg_star,
            offset: Int(call.location)
        )
        walkFields(of: node, entry, context.with(.free))
    }

    /// XML expressions hand their operands to libxml2 without naming a function: calls under the names of their syntax.
    mutating func xml(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        let name =
            switch node.tag {
            case Tag.xmlSerialize: "xmlserialize"
            case Tag.tableFunction: "xmltable"
            default:
                switch unsafe node.fields(as: XmlExpr.self).op {
                case IS_XMLCONCAT: "xmlconcat"
                case IS_XMLELEMENT: "xmlelement"
                case IS_XMLFOREST: "xmlforest"
                case IS_XMLPARSE: "xmlparse"
                case IS_XMLPI: "xmlpi"
                case IS_XMLROOT: "xmlroot"
                default: "xml_is_document"
                }
            }
        facts.calls.append(
            FunctionCall(name: QualifiedName(schema: "pg_catalog", name), place: context.place, arguments: [])
        )
        walkFields(of: node, entry, context)
    }

    /// Arguments that are words of the syntax or that decide what the call sets are not interchangeable.
    private func literalRule(of name: QualifiedName, _ format: CoercionForm) -> LiteralRule {
        if name.name == "set_config" { return .below(.settingValue) }
        guard format == COERCE_SQL_SYNTAX else { return .free }
        switch name.name {
        case "extract", "normalize", "is_normalized", "xmlexists": return .here(.other)
        default: return .free
        }
    }

    /// Visits arguments and answers what is known of them.
    mutating func argumentList(_ nodes: TreeList?, _ context: Context) -> [Argument] {
        guard let nodes else { return [] }
        var arguments: [Argument] = []
        arguments.reserveCapacity(nodes.count)
        for index in 0..<nodes.count {
            guard let node = nodes[index] else { continue }
            if node.tag == Tag.namedArgument, !isMasked(node, tag: node.tag) {
                let named = unsafe node.fields(as: NamedArgExpr.self)
                let value = argument(unsafe TreeNode(named.arg), context, nesting: 0)
                arguments.append(Argument(name: unsafe text(named.name), value: value))
            } else {
                arguments.append(Argument(value: argument(node, context, nesting: 0)))
            }
        }
        return arguments
    }

    /// Visits one argument and answers what is known of its value.
    mutating func argument(_ node: TreeNode?, _ context: Context, nesting: Int) -> ArgumentValue {
        guard let node else { return .other }
        let tag = node.tag
        guard nesting < Self.nestingLimit, !isMasked(node, tag: tag) else {
            visit(node, context)
            return .other
        }
        switch tag {
        case Tag.constant:
            return constant(node, context)
        case Tag.parameter:
            return parameter(node)
        case Tag.cast:
            let cast = unsafe node.fields(as: TypeCast.self)
            guard let type = unsafe typeUse(TreeNode(cast.typeName)) else {
                visit(unsafe TreeNode(cast.arg), context)
                return .other
            }
            let below = unsafe context.with(literalRule(in: cast, type, context))
            let value = argument(unsafe TreeNode(cast.arg), below, nesting: nesting + 1)
            visit(unsafe TreeNode(cast.typeName), context)
            noteParameter(unsafe TreeNode(cast.arg), castTo: type)
            return .cast(value, type)
        case Tag.array:
            guard let elements = unsafe TreeList(node.fields(as: A_ArrayExpr.self).elements) else { return .array([]) }
            var values: [ArgumentValue] = []
            values.reserveCapacity(elements.count)
            for index in 0..<elements.count {
                values.append(argument(elements[index], context, nesting: nesting + 1))
            }
            return .array(values)
        default:
            visit(node, context)
            return .other
        }
    }

    mutating func cast(_ node: TreeNode, _ context: Context) {
        let cast = unsafe node.fields(as: TypeCast.self)
        let type = unsafe typeUse(TreeNode(cast.typeName))
        let rule = type.map { unsafe literalRule(in: cast, $0, context) } ?? .below(.other)
        visit(unsafe TreeNode(cast.arg), context.with(rule))
        visit(unsafe TreeNode(cast.typeName), context)
        if let type { noteParameter(unsafe TreeNode(cast.arg), castTo: type) }
    }

    /// `$1::text` makes the parameter a text wherever it stands.
    private mutating func noteParameter(_ node: TreeNode?, castTo type: TypeUse) {
        guard let node, node.tag == Tag.parameter, !isMasked(node, tag: node.tag) else { return }
        facts.markParameter(Int(node.fields(as: ParamRef.self).number), castTo: type)
    }

    /// A literal may vary under a cast to a type whose input function reaches nothing by name.
    ///
    /// The grammar gives `type 'literal'` no location, other casts one.
    private func literalRule(in cast: TypeCast, _ type: TypeUse, _ context: Context) -> LiteralRule {
        guard unsafe cast.location >= 0 else { return .here(.typedLiteral) }
        let isBuiltIn = type.name.database == nil && (type.name.schema == nil || type.name.schema == "pg_catalog")
        guard isBuiltIn else { return .here(.typedLiteral) }
        switch type.name.name {
        case "text", "varchar", "int2", "int4", "int8", "float4", "float8", "numeric", "bool", "json", "jsonb", "bytea",
            "uuid":
            return .inherited
        case "vector" where type.name.schema == nil:
            return .inherited
        case let name where name.hasPrefix("reg"):
            return .here(.objectName)
        default:
            return .here(.typedLiteral)
        }
    }

    mutating func recordType(_ node: TreeNode, _ entry: RuleTable.Entry, _ context: Context) {
        if let type = typeUse(node) { facts.types.append(type) }
        walkFields(of: node, entry, context)
    }

    /// The type that a `TypeName` spells.
    mutating func typeUse(_ node: TreeNode?) -> TypeUse? {
        guard let node, node.tag == Tag.typeName else { return nil }
        applyMask(to: node)
        let type = unsafe node.fields(as: TypeName.self)
        if unsafe type.pct_type {
            facts.refuse("TypeName.pct_type", "%TYPE belongs to function definitions")
            return nil
        }
        guard let name = unsafe TreeList(type.names)?.qualifiedName else {
            facts.refuse("TypeName.names", "not a name of one to three parts")
            return nil
        }
        return unsafe TypeUse(
            name: name,
            isArray: type.arrayBounds != nil,
            isSet: type.setof,
            hasModifier: type.typmods != nil
        )
    }

    mutating func parameter(_ node: TreeNode) -> ArgumentValue {
        let number = Int(node.fields(as: ParamRef.self).number)
        guard number > 0 else {
            facts.refuse("ParamRef.number", "parameters count from 1")
            return .other
        }
        facts.addParameter(number)
        return .parameter(number)
    }

    mutating func constant(_ node: TreeNode, _ context: Context) -> ArgumentValue {
        let constant = unsafe node.fields(as: A_Const.self)
        if unsafe constant.isnull { return .null }
        let kind: Constant.Kind
        let value: Swift.String
        switch unsafe Int(constant.val.node.type.rawValue) {
        case Tag.string:
            kind = .string
            value = unsafe text(constant.val.sval.sval) ?? ""
        case Tag.integer:
            kind = .integer
            value = unsafe Swift.String(constant.val.ival.ival)
        case Tag.float:
            kind = .decimal
            value = unsafe text(constant.val.fval.fval) ?? ""
        case Tag.bitString:
            kind = .bitString
            value = unsafe text(constant.val.bsval.bsval) ?? ""
        case Tag.boolean:
            return unsafe .boolean(constant.val.boolval.boolval)
        default:
            facts.refuse("A_Const.val", "a constant without a rule")
            return .other
        }
        let offset = unsafe Int(constant.location)
        let fixed = context.literals.reason ?? (offset < 0 ? .other : nil)
        let added = Constant(kind: kind, value: value, offset: offset, fixed: fixed)
        return .constant(facts.addConstant(added))
    }
}

extension TypeUse {
    /// Whether this is text or varchar, of no given length.
    var isPlainText: Bool {
        name.database == nil && (name.schema == nil || name.schema == "pg_catalog")
            && (name.name == "text" || name.name == "varchar") && !isArray && !isSet && !hasModifier
    }
}
