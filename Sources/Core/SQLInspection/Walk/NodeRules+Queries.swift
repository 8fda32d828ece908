import CPgQuery

extension NodeRules {
    /// SELECT, the statements that change data, and what stands in FROM.
    static let queries: [NodeRule] = unsafe [
        node(
            SelectStmt.self,
            T_SelectStmt,
            "SelectStmt",
            .select,
            [
                .init("withClause", \.withClause, .walk()),
                .init("larg", \.larg, .walk()),
                .init("rarg", \.rarg, .walk()),
                .init("distinctClause", \.distinctClause, .walk(.other, literals: .here(.sortPosition))),
                .init("targetList", \.targetList, .walk(.targetList)),
                .init("intoClause", \.intoClause, .walk(.other)),
                .init("fromClause", \.fromClause, .from),
                .init("whereClause", \.whereClause, .walk(.where)),
                .init("groupClause", \.groupClause, .walk(.groupBy, literals: .here(.sortPosition))),
                .init("groupDistinct", \.groupDistinct, .inert(.variant)),
                .init("havingClause", \.havingClause, .walk(.having)),
                .init("windowClause", \.windowClause, .walk(.window)),
                .init("valuesLists", \.valuesLists, .walk(.values)),
                .init("sortClause", \.sortClause, .walk(.orderBy)),
                .init("limitOffset", \.limitOffset, .walk(.limit)),
                .init("limitCount", \.limitCount, .walk(.limit)),
                .init("limitOption", \.limitOption, .inert(.variant)),
                .init("lockingClause", \.lockingClause, .handled),
                .init("op", \.op, .inert(.variant)),
                .init("all", \.all, .inert(.variant)),
            ]
        ),
        node(
            InsertStmt.self,
            T_InsertStmt,
            "InsertStmt",
            .insert,
            [
                .init("withClause", \.withClause, .walk()),
                .init("relation", \.relation, .handled),
                .init("cols", \.cols, .walk(.set)),
                .init("selectStmt", \.selectStmt, .walk()),
                .init("onConflictClause", \.onConflictClause, .walk(.onConflict)),
                .init("returningList", \.returningList, .walk(.returning)),
                .init("override", \.override, .inert(.variant)),
            ]
        ),
        node(
            UpdateStmt.self,
            T_UpdateStmt,
            "UpdateStmt",
            .update,
            [
                .init("withClause", \.withClause, .walk()),
                .init("relation", \.relation, .handled),
                .init("targetList", \.targetList, .walk(.set)),
                .init("fromClause", \.fromClause, .walk(.from)),
                .init("whereClause", \.whereClause, .walk(.where)),
                .init("returningList", \.returningList, .walk(.returning)),
            ]
        ),
        node(
            DeleteStmt.self,
            T_DeleteStmt,
            "DeleteStmt",
            .delete,
            [
                .init("withClause", \.withClause, .walk()),
                .init("relation", \.relation, .handled),
                .init("usingClause", \.usingClause, .walk(.from)),
                .init("whereClause", \.whereClause, .walk(.where)),
                .init("returningList", \.returningList, .walk(.returning)),
            ]
        ),
        node(
            MergeStmt.self,
            T_MergeStmt,
            "MergeStmt",
            .merge,
            [
                .init("withClause", \.withClause, .walk()),
                .init("relation", \.relation, .handled),
                .init("sourceRelation", \.sourceRelation, .walk(.from)),
                .init("joinCondition", \.joinCondition, .walk(.from)),
                .init("mergeWhenClauses", \.mergeWhenClauses, .walk(.other)),
            ]
        ),
        node(
            MergeWhenClause.self,
            T_MergeWhenClause,
            "MergeWhenClause",
            .none,
            [
                .init("matched", \.matched, .inert(.variant)),
                .init("commandType", \.commandType, .handled),
                .init("override", \.override, .inert(.variant)),
                .init("condition", \.condition, .walk(.where)),
                .init("targetList", \.targetList, .walk(.set)),
                .init("values", \.values, .walk(.values)),
            ]
        ),
        node(
            OnConflictClause.self,
            T_OnConflictClause,
            "OnConflictClause",
            .none,
            [
                .init("action", \.action, .handled),
                .init("infer", \.infer, .walk()),
                .init("targetList", \.targetList, .walk()),
                .init("whereClause", \.whereClause, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            InferClause.self,
            T_InferClause,
            "InferClause",
            .none,
            [
                .init("indexElems", \.indexElems, .walk()),
                .init("whereClause", \.whereClause, .walk()),
                .init("conname", \.conname, .inert(.identifier)),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            IndexElem.self,
            T_IndexElem,
            "IndexElem",
            .indexElement,
            [
                .init("name", \.name, .inert(.identifier)),
                .init("expr", \.expr, .walk()),
                .init("indexcolname", \.indexcolname, .inert(.identifier)),
                .init("collation", \.collation, .handled),
                .init("opclass", \.opclass, .empty("operator classes are not among the facts")),
                .init("opclassopts", \.opclassopts, .empty("operator class options are not among the facts")),
                .init("ordering", \.ordering, .inert(.variant)),
                .init("nulls_ordering", \.nulls_ordering, .inert(.variant)),
            ]
        ),
        node(
            WithClause.self,
            T_WithClause,
            "WithClause",
            .with,
            [
                .init("ctes", \.ctes, .handled),
                .init("recursive", \.recursive, .handled),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            CommonTableExpr.self,
            T_CommonTableExpr,
            "CommonTableExpr",
            .none,
            [
                .init("ctename", \.ctename, .handled),
                .init("aliascolnames", \.aliascolnames, .inert(.identifier)),
                .init("ctematerialized", \.ctematerialized, .inert(.variant)),
                .init("ctequery", \.ctequery, .walk()),
                .init("search_clause", \.search_clause, .walk(.other)),
                .init("cycle_clause", \.cycle_clause, .walk(.other)),
                .init("location", \.location, .inert(.location)),
                .init("cterecursive", \.cterecursive, .inert(.analysis)),
                .init("cterefcount", \.cterefcount, .inert(.analysis)),
                .init("ctecolnames", \.ctecolnames, .empty("parse analysis has not run")),
                .init("ctecoltypes", \.ctecoltypes, .empty("parse analysis has not run")),
                .init("ctecoltypmods", \.ctecoltypmods, .empty("parse analysis has not run")),
                .init("ctecolcollations", \.ctecolcollations, .empty("parse analysis has not run")),
            ]
        ),
        node(
            CTESearchClause.self,
            T_CTESearchClause,
            "CTESearchClause",
            .none,
            [
                .init("search_col_list", \.search_col_list, .inert(.identifier)),
                .init("search_breadth_first", \.search_breadth_first, .inert(.variant)),
                .init("search_seq_column", \.search_seq_column, .inert(.identifier)),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            CTECycleClause.self,
            T_CTECycleClause,
            "CTECycleClause",
            .none,
            [
                .init("cycle_col_list", \.cycle_col_list, .inert(.identifier)),
                .init("cycle_mark_column", \.cycle_mark_column, .inert(.identifier)),
                .init("cycle_mark_value", \.cycle_mark_value, .walk(literals: .below(.other))),
                .init("cycle_mark_default", \.cycle_mark_default, .walk(literals: .below(.other))),
                .init("cycle_path_column", \.cycle_path_column, .inert(.identifier)),
                .init("location", \.location, .inert(.location)),
                .init("cycle_mark_type", \.cycle_mark_type, .inert(.analysis)),
                .init("cycle_mark_typmod", \.cycle_mark_typmod, .inert(.analysis)),
                .init("cycle_mark_collation", \.cycle_mark_collation, .inert(.analysis)),
                .init("cycle_mark_neop", \.cycle_mark_neop, .inert(.analysis)),
            ]
        ),
        node(
            RangeVar.self,
            T_RangeVar,
            "RangeVar",
            .rangeVar,
            [
                .init("catalogname", \.catalogname, .handled),
                .init("schemaname", \.schemaname, .handled),
                .init("relname", \.relname, .handled),
                .init("inh", \.inh, .inert(.variant)),
                .init("relpersistence", \.relpersistence, .handled),
                .init("alias", \.alias, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            Alias.self,
            T_Alias,
            "Alias",
            .none,
            [
                .init("aliasname", \.aliasname, .inert(.identifier)),
                .init("colnames", \.colnames, .inert(.identifier)),
            ]
        ),
        node(
            JoinExpr.self,
            T_JoinExpr,
            "JoinExpr",
            .join,
            [
                .init("jointype", \.jointype, .inert(.variant)),
                .init("isNatural", \.isNatural, .handled),
                .init("larg", \.larg, .walk()),
                .init("rarg", \.rarg, .walk()),
                .init("usingClause", \.usingClause, .handled),
                .init("join_using_alias", \.join_using_alias, .walk()),
                .init("quals", \.quals, .walk()),
                .init("alias", \.alias, .walk()),
                .init("rtindex", \.rtindex, .inert(.analysis)),
            ]
        ),
        node(
            RangeSubselect.self,
            T_RangeSubselect,
            "RangeSubselect",
            .rangeSubselect,
            [
                .init("lateral", \.lateral, .inert(.variant)),
                .init("subquery", \.subquery, .walk()),
                .init("alias", \.alias, .walk()),
            ]
        ),
        node(
            RangeFunction.self,
            T_RangeFunction,
            "RangeFunction",
            .none,
            [
                .init("lateral", \.lateral, .inert(.variant)),
                .init("ordinality", \.ordinality, .inert(.variant)),
                .init("is_rowsfrom", \.is_rowsfrom, .inert(.variant)),
                .init("functions", \.functions, .walk()),
                .init("alias", \.alias, .walk()),
                .init("coldeflist", \.coldeflist, .walk()),
            ]
        ),
        node(
            RangeTableSample.self,
            T_RangeTableSample,
            "RangeTableSample",
            .tableSample,
            [
                .init("relation", \.relation, .walk()),
                .init("method", \.method, .handled),
                .init("args", \.args, .handled),
                .init("repeatable", \.repeatable, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            RangeTableFunc.self,
            T_RangeTableFunc,
            "RangeTableFunc",
            .xml,
            [
                .init("lateral", \.lateral, .inert(.variant)),
                .init("rowexpr", \.rowexpr, .walk(literals: .below(.other))),
                .init("docexpr", \.docexpr, .walk(literals: .below(.other))),
                .init("namespaces", \.namespaces, .walk(literals: .below(.other))),
                .init("columns", \.columns, .walk(literals: .below(.other))),
                .init("alias", \.alias, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            RangeTableFuncCol.self,
            T_RangeTableFuncCol,
            "RangeTableFuncCol",
            .none,
            [
                .init("colname", \.colname, .inert(.identifier)),
                .init("typeName", \.typeName, .walk()),
                .init("for_ordinality", \.for_ordinality, .inert(.variant)),
                .init("is_not_null", \.is_not_null, .inert(.variant)),
                .init("colexpr", \.colexpr, .walk()),
                .init("coldefexpr", \.coldefexpr, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            ColumnDef.self,
            T_ColumnDef,
            "ColumnDef",
            .none,
            [
                .init("colname", \.colname, .inert(.identifier)),
                .init("typeName", \.typeName, .walk()),
                .init("compression", \.compression, .empty("compression belongs to table definitions")),
                .init("inhcount", \.inhcount, .inert(.analysis)),
                .init("is_local", \.is_local, .inert(.variant)),
                .init("is_not_null", \.is_not_null, .inert(.variant)),
                .init("is_from_type", \.is_from_type, .inert(.variant)),
                .init("storage", \.storage, .inert(.analysis)),
                .init("raw_default", \.raw_default, .empty("defaults belong to table definitions")),
                .init("cooked_default", \.cooked_default, .empty("defaults belong to table definitions")),
                .init("identity", \.identity, .inert(.analysis)),
                .init("identitySequence", \.identitySequence, .empty("identity belongs to table definitions")),
                .init("generated", \.generated, .inert(.analysis)),
                .init("collClause", \.collClause, .walk()),
                .init("collOid", \.collOid, .inert(.analysis)),
                .init("constraints", \.constraints, .empty("constraints belong to table definitions")),
                .init("fdwoptions", \.fdwoptions, .empty("options belong to table definitions")),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            LockingClause.self,
            T_LockingClause,
            "LockingClause",
            .none,
            [
                .init("lockedRels", \.lockedRels, .handled),
                .init("strength", \.strength, .inert(.variant)),
                .init("waitPolicy", \.waitPolicy, .inert(.variant)),
            ]
        ),
        node(
            IntoClause.self,
            T_IntoClause,
            "IntoClause",
            .into,
            [
                .init("rel", \.rel, .handled),
                .init("colNames", \.colNames, .inert(.identifier)),
                .init("accessMethod", \.accessMethod, .empty("table access methods are not among the facts")),
                .init("options", \.options, .empty("storage parameters are not among the facts")),
                .init("onCommit", \.onCommit, .inert(.variant)),
                .init("tableSpaceName", \.tableSpaceName, .empty("tablespaces are not among the facts")),
                .init("viewQuery", \.viewQuery, .empty("parse analysis has not run")),
                .init("skipData", \.skipData, .inert(.variant)),
            ]
        ),
        node(
            GroupingSet.self,
            T_GroupingSet,
            "GroupingSet",
            .none,
            [
                .init("kind", \.kind, .inert(.variant)),
                .init("content", \.content, .walk(literals: .inherited)),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            WindowDef.self,
            T_WindowDef,
            "WindowDef",
            .none,
            [
                .init("name", \.name, .inert(.identifier)),
                .init("refname", \.refname, .inert(.identifier)),
                .init("partitionClause", \.partitionClause, .walk(literals: .here(.sortPosition))),
                .init("orderClause", \.orderClause, .walk()),
                .init("frameOptions", \.frameOptions, .inert(.variant)),
                .init("startOffset", \.startOffset, .walk()),
                .init("endOffset", \.endOffset, .walk()),
                .init("location", \.location, .inert(.location)),
            ]
        ),
        node(
            SortBy.self,
            T_SortBy,
            "SortBy",
            .sortBy,
            [
                .init("node", \.node, .walk(literals: .here(.sortPosition))),
                .init("sortby_dir", \.sortby_dir, .inert(.variant)),
                .init("sortby_nulls", \.sortby_nulls, .inert(.variant)),
                .init("useOp", \.useOp, .handled),
                .init("location", \.location, .inert(.location)),
            ]
        ),
    ]
}
