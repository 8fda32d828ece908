import CPgQuery

extension NodeRules {
    /// Statements other than queries that the walk understands.
    static let utility: [NodeRule] = unsafe [
        node(
            RawStmt.self,
            T_RawStmt,
            "RawStmt",
            .none,
            [
                .init("stmt", \.stmt, .statement()),
                .init("stmt_location", \.stmt_location, .handled),
                .init("stmt_len", \.stmt_len, .handled),
            ]
        ),
        node(
            ExplainStmt.self,
            T_ExplainStmt,
            "ExplainStmt",
            .explain,
            [
                .init("query", \.query, .statement()),
                .init("options", \.options, .handled),
            ]
        ),
        node(
            DeclareCursorStmt.self,
            T_DeclareCursorStmt,
            "DeclareCursorStmt",
            .declareCursor,
            [
                .init("portalname", \.portalname, .handled),
                .init("options", \.options, .handled),
                .init("query", \.query, .statement()),
            ]
        ),
        node(
            FetchStmt.self,
            T_FetchStmt,
            "FetchStmt",
            .fetch,
            [
                .init("direction", \.direction, .inert(.variant)),
                .init("howMany", \.howMany, .inert(.variant)),
                .init("portalname", \.portalname, .handled),
                .init("ismove", \.ismove, .handled),
            ]
        ),
        node(
            ClosePortalStmt.self,
            T_ClosePortalStmt,
            "ClosePortalStmt",
            .closeCursor,
            [.init("portalname", \.portalname, .handled)]
        ),
        node(
            PrepareStmt.self,
            T_PrepareStmt,
            "PrepareStmt",
            .prepare,
            [
                .init("name", \.name, .handled),
                .init("argtypes", \.argtypes, .handled),
                // An EXECUTE is judged by these facts when the text they came from is long gone.
                .init("query", \.query, .statement(literals: .below(.other))),
            ]
        ),
        node(
            ExecuteStmt.self,
            T_ExecuteStmt,
            "ExecuteStmt",
            .execute,
            [
                .init("name", \.name, .handled),
                .init("params", \.params, .handled),
            ]
        ),
        node(
            DeallocateStmt.self,
            T_DeallocateStmt,
            "DeallocateStmt",
            .deallocate,
            [.init("name", \.name, .handled)]
        ),
        node(
            TransactionStmt.self,
            T_TransactionStmt,
            "TransactionStmt",
            .transaction,
            [
                .init("kind", \.kind, .handled),
                .init("options", \.options, .handled),
                .init("savepoint_name", \.savepoint_name, .handled),
                .init("gid", \.gid, .inert(.identifier)),
                .init("chain", \.chain, .handled),
            ]
        ),
        node(
            VariableSetStmt.self,
            T_VariableSetStmt,
            "VariableSetStmt",
            .set,
            [
                .init("kind", \.kind, .handled),
                .init("name", \.name, .handled),
                .init("args", \.args, .handled),
                .init("is_local", \.is_local, .handled),
            ]
        ),
        node(
            VariableShowStmt.self,
            T_VariableShowStmt,
            "VariableShowStmt",
            .show,
            [.init("name", \.name, .handled)]
        ),
        node(
            DiscardStmt.self,
            T_DiscardStmt,
            "DiscardStmt",
            .discard,
            [.init("target", \.target, .handled)]
        ),
        node(
            CopyStmt.self,
            T_CopyStmt,
            "CopyStmt",
            .copy,
            [
                .init("relation", \.relation, .handled),
                .init("query", \.query, .statement()),
                .init("attlist", \.attlist, .inert(.identifier)),
                .init("is_from", \.is_from, .handled),
                .init("is_program", \.is_program, .handled),
                .init("filename", \.filename, .empty("COPY reads or writes a file of the server, or runs a program")),
                .init("options", \.options, .handled),
                .init("whereClause", \.whereClause, .walk(.where)),
            ]
        ),
        node(
            TruncateStmt.self,
            T_TruncateStmt,
            "TruncateStmt",
            .truncate,
            [
                .init("relations", \.relations, .handled),
                .init("restart_seqs", \.restart_seqs, .inert(.variant)),
                .init("behavior", \.behavior, .handled),
            ]
        ),
        node(
            LockStmt.self,
            T_LockStmt,
            "LockStmt",
            .lock,
            [
                .init("relations", \.relations, .handled),
                .init("mode", \.mode, .inert(.variant)),
                .init("nowait", \.nowait, .inert(.variant)),
            ]
        ),
        node(
            ListenStmt.self,
            T_ListenStmt,
            "ListenStmt",
            .listen,
            [.init("conditionname", \.conditionname, .inert(.identifier))]
        ),
        node(
            UnlistenStmt.self,
            T_UnlistenStmt,
            "UnlistenStmt",
            .unlisten,
            [.init("conditionname", \.conditionname, .inert(.identifier))]
        ),
        node(
            NotifyStmt.self,
            T_NotifyStmt,
            "NotifyStmt",
            .notify,
            [
                .init("conditionname", \.conditionname, .inert(.identifier)),
                .init("payload", \.payload, .inert(.variant)),
            ]
        ),
        node(
            CreateTableAsStmt.self,
            T_CreateTableAsStmt,
            "CreateTableAsStmt",
            .createTableAs,
            [
                .init("into", \.into, .walk(.other)),
                .init("query", \.query, .statement()),
                .init("objtype", \.objtype, .handled),
                .init("is_select_into", \.is_select_into, .inert(.variant)),
                .init("if_not_exists", \.if_not_exists, .inert(.variant)),
            ]
        ),
    ]
}
