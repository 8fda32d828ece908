import CPgQuery

extension NodeRules {
    /// Everything that can stand where an expression can.
    static let expressions: [NodeRule] = unsafe [
        node(
            A_Expr.self,
            T_A_Expr,
            "A_Expr",
            .operation,
            [
                .init("kind", \.kind, .handled),
                .init("name", \.name, .handled),
                .init("lexpr", \.lexpr, .walk()),
                .init("rexpr", \.rexpr, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            BoolExpr.self,
            T_BoolExpr,
            "BoolExpr",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("boolop", \.boolop, .inert(.variant)),
                .init("args", \.args, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            ColumnRef.self,
            T_ColumnRef,
            "ColumnRef",
            .column,
            [
                .init("fields", \.fields, .handled),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            ParamRef.self,
            T_ParamRef,
            "ParamRef",
            .parameter,
            [
                .init("number", \.number, .handled),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            FuncCall.self,
            T_FuncCall,
            "FuncCall",
            .call,
            [
                .init("funcname", \.funcname, .handled),
                .init("args", \.args, .handled),
                .init("agg_order", \.agg_order, .walk()),
                .init("agg_filter", \.agg_filter, .walk()),
                .init("over", \.over, .walk()),
                .init("agg_within_group", \.agg_within_group, .inert(.variant)),
                .init("agg_star", \.agg_star, .handled),
                .init("agg_distinct", \.agg_distinct, .inert(.variant)),
                .init("func_variadic", \.func_variadic, .handled),
                .init("funcformat", \.funcformat, .handled),
                .init("location", \.location, .handled),
            ]
        ),
        node(
            NamedArgExpr.self,
            T_NamedArgExpr,
            "NamedArgExpr",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("arg", \.arg, .walk(literals: .inherited)),
                .init("name", \.name, .handled),
                .init("argnumber", \.argnumber, .inert(.analysis)),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(A_Star.self, T_A_Star, "A_Star"),
        node(
            A_Indices.self,
            T_A_Indices,
            "A_Indices",
            .none,
            [
                .init("is_slice", \.is_slice, .inert(.variant)),
                .init("lidx", \.lidx, .walk()),
                .init("uidx", \.uidx, .walk()),
            ]
        ),
        node(
            A_Indirection.self,
            T_A_Indirection,
            "A_Indirection",
            .indirection,
            [
                .init("arg", \.arg, .walk()),
                .init("indirection", \.indirection, .handled),
            ]
        ),
        node(
            A_ArrayExpr.self,
            T_A_ArrayExpr,
            "A_ArrayExpr",
            .none,
            [
                .init("elements", \.elements, .walk(literals: .inherited)),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            ResTarget.self,
            T_ResTarget,
            "ResTarget",
            .resultTarget,
            [
                .init("name", \.name, .inert(.identifier)),
                .init("indirection", \.indirection, .handled),
                .init("val", \.val, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            MultiAssignRef.self,
            T_MultiAssignRef,
            "MultiAssignRef",
            .multipleAssignment,
            [
                .init("source", \.source, .handled),
                .init("colno", \.colno, .handled),
                .init("ncolumns", \.ncolumns, .inert(.variant)),
            ]
        ),
        node(
            TypeCast.self,
            T_TypeCast,
            "TypeCast",
            .cast,
            [
                .init("arg", \.arg, .handled),
                .init("typeName", \.typeName, .handled),
                .init("location", \.location, .handled),
            ]
        ),
        node(
            TypeName.self,
            T_TypeName,
            "TypeName",
            .typeName,
            [
                .init("names", \.names, .handled),
                .init("typeOid", \.typeOid, .inert(.analysis)),
                .init("setof", \.setof, .handled),
                .init("pct_type", \.pct_type, .handled),
                .init("typmods", \.typmods, .walk(.other, literals: .below(.typeModifier))),
                .init("typemod", \.typemod, .inert(.analysis)),
                .init("arrayBounds", \.arrayBounds, .handled),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            CollateClause.self,
            T_CollateClause,
            "CollateClause",
            .collation,
            [
                .init("arg", \.arg, .walk(literals: .inherited)),
                .init("collname", \.collname, .handled),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            SubLink.self,
            T_SubLink,
            "SubLink",
            .sublink,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("subLinkType", \.subLinkType, .handled),
                .init("subLinkId", \.subLinkId, .inert(.analysis)),
                .init("testexpr", \.testexpr, .walk()),
                .init("operName", \.operName, .handled),
                .init("subselect", \.subselect, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            CaseExpr.self,
            T_CaseExpr,
            "CaseExpr",
            .caseExpression,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("casetype", \.casetype, .inert(.analysis)),
                .init("casecollid", \.casecollid, .inert(.analysis)),
                .init("arg", \.arg, .walk()),
                .init("args", \.args, .walk()),
                .init("defresult", \.defresult, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            CaseWhen.self,
            T_CaseWhen,
            "CaseWhen",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("expr", \.expr, .walk()),
                .init("result", \.result, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            RowExpr.self,
            T_RowExpr,
            "RowExpr",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("args", \.args, .walk(literals: .inherited)),
                .init("row_typeid", \.row_typeid, .inert(.analysis)),
                .init("row_format", \.row_format, .inert(.variant)),
                .init("colnames", \.colnames, .empty("parse analysis has not run")),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            CoalesceExpr.self,
            T_CoalesceExpr,
            "CoalesceExpr",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("coalescetype", \.coalescetype, .inert(.analysis)),
                .init("coalescecollid", \.coalescecollid, .inert(.analysis)),
                .init("args", \.args, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            MinMaxExpr.self,
            T_MinMaxExpr,
            "MinMaxExpr",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("minmaxtype", \.minmaxtype, .inert(.analysis)),
                .init("minmaxcollid", \.minmaxcollid, .inert(.analysis)),
                .init("inputcollid", \.inputcollid, .inert(.analysis)),
                .init("op", \.op, .inert(.variant)),
                .init("args", \.args, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            SQLValueFunction.self,
            T_SQLValueFunction,
            "SQLValueFunction",
            .valueFunction,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("op", \.op, .handled),
                .init("type", \.type, .inert(.analysis)),
                .init("typmod", \.typmod, .inert(.variant)),
                .init("location", \.location, .handled),
            ]
        ),
        node(
            XmlExpr.self,
            T_XmlExpr,
            "XmlExpr",
            .xml,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("op", \.op, .inert(.variant)),
                .init("name", \.name, .inert(.identifier)),
                .init("named_args", \.named_args, .walk(literals: .below(.other))),
                .init("arg_names", \.arg_names, .empty("parse analysis has not run")),
                .init("args", \.args, .walk(literals: .below(.other))),
                .init("xmloption", \.xmloption, .inert(.variant)),
                .init("type", \.type, .inert(.analysis)),
                .init("typmod", \.typmod, .inert(.analysis)),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            XmlSerialize.self,
            T_XmlSerialize,
            "XmlSerialize",
            .xml,
            [
                .init("xmloption", \.xmloption, .inert(.variant)),
                .init("expr", \.expr, .walk(literals: .below(.other))),
                .init("typeName", \.typeName, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            NullTest.self,
            T_NullTest,
            "NullTest",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("arg", \.arg, .walk()),
                .init("nulltesttype", \.nulltesttype, .inert(.variant)),
                .init("argisrow", \.argisrow, .inert(.analysis)),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            BooleanTest.self,
            T_BooleanTest,
            "BooleanTest",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("arg", \.arg, .walk()),
                .init("booltesttype", \.booltesttype, .inert(.variant)),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            SetToDefault.self,
            T_SetToDefault,
            "SetToDefault",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("typeId", \.typeId, .inert(.analysis)),
                .init("typeMod", \.typeMod, .inert(.analysis)),
                .init("collation", \.collation, .inert(.analysis)),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            CurrentOfExpr.self,
            T_CurrentOfExpr,
            "CurrentOfExpr",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("cvarno", \.cvarno, .inert(.analysis)),
                // Reads the position of a cursor of the same session and transaction.
                .init("cursor_name", \.cursor_name, .inert(.identifier)),
                .init("cursor_param", \.cursor_param, .inert(.analysis)),
            ]
        ),
        node(
            GroupingFunc.self,
            T_GroupingFunc,
            "GroupingFunc",
            .none,
            [
                .init("xpr", \.xpr, .inert(.analysis)),
                .init("args", \.args, .walk(literals: .here(.sortPosition))),
                .init("refs", \.refs, .empty("parse analysis has not run")),
                .init("cols", \.cols, .empty("parse analysis has not run")),
                .init("agglevelsup", \.agglevelsup, .inert(.analysis)),
                .init("location", \.location, .inert(.location)),
            ]
        ),
    ]

    /// Literals and lists.
    static let values: [NodeRule] = unsafe [
        node(
            A_Const.self,
            T_A_Const,
            "A_Const",
            .constant,
            [
                .init("val", \.val, .handled),
                .init("isnull", \.isnull, .handled),
                .init("location", \.location, .handled),
            ]
        ),
        refused(T_Integer, "Integer", "a bare integer where an expression stands"),
        refused(T_Float, "Float", "a bare number where an expression stands"),
        refused(T_Boolean, "Boolean", "a bare truth value where an expression stands"),
        refused(T_String, "String", "a bare name where an expression stands"),
        refused(T_BitString, "BitString", "a bare bit string where an expression stands"),
        refused(T_IntList, "IntList", "never in a raw parse tree"),
        refused(T_OidList, "OidList", "never in a raw parse tree"),
    ]
}
