import CPgQuery

/// The parser at hand is not the one that the walk was written for.
public struct SelfTestFailure: Error, Sendable, CustomStringConvertible {
    /// What was expected and what came instead.
    public let description: Swift.String
}

extension SQLParser {
    /// Refuses a libpg_query of another major version than the headers that its trees are read by.
    ///
    /// Run once at start, before anything is parsed for a client: node layouts are checked from the outside in, so that
    /// a foreign tree is refused before its fields are read.
    public static func selfTest() throws {
        let version = libraryVersion()
        guard version / 10_000 == 15 else {
            throw SelfTestFailure(description: "libpg_query has the grammar of PostgreSQL \(version), wanted 15")
        }
        for probe in tagProbes {
            let tags = statementTags(of: probe.sql)
            guard tags == [Int(probe.tag.rawValue)] else {
                throw SelfTestFailure(description: "libpg_query gives node tags \(tags) for: \(probe.sql)")
            }
        }
        try checkFields()
    }

    /// The library's own version number, from the head of its protobuf answer.
    private static func libraryVersion() -> Int {
        let result = unsafe pg_query_parse_protobuf("SELECT 1")
        defer { unsafe pg_query_free_protobuf_parse_result(result) }
        guard unsafe result.error == nil, unsafe result.parse_tree.len > 2 else { return 0 }
        let bytes = unsafe UnsafeRawBufferPointer(start: result.parse_tree.data, count: Int(result.parse_tree.len))
        // Field 1, a varint.
        guard unsafe bytes[0] == 0x08 else { return 0 }
        var version = 0
        var shift = 0
        for index in 1..<min(6, bytes.count) {
            version |= Int(unsafe bytes[index] & 0x7F) << shift
            if unsafe bytes[index] & 0x80 == 0 { break }
            shift += 7
        }
        return version
    }

    /// One statement of each kind the walk answers for, and some it must refuse; from both ends of the list of tags.
    private static var tagProbes: [(sql: StaticString, tag: NodeTag)] {
        [
            ("SELECT 1", T_SelectStmt),
            ("INSERT INTO t VALUES (1)", T_InsertStmt),
            ("UPDATE t SET a = 1", T_UpdateStmt),
            ("DELETE FROM t", T_DeleteStmt),
            ("MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", T_MergeStmt),
            ("EXPLAIN SELECT 1", T_ExplainStmt),
            ("COPY t TO STDOUT", T_CopyStmt),
            ("SET a = 1", T_VariableSetStmt),
            ("SHOW a", T_VariableShowStmt),
            ("BEGIN", T_TransactionStmt),
            ("PREPARE p AS SELECT 1", T_PrepareStmt),
            ("EXECUTE p", T_ExecuteStmt),
            ("DEALLOCATE p", T_DeallocateStmt),
            ("DECLARE c CURSOR FOR SELECT 1", T_DeclareCursorStmt),
            ("FETCH c", T_FetchStmt),
            ("LISTEN c", T_ListenStmt),
            ("DISCARD ALL", T_DiscardStmt),
            ("LOCK t", T_LockStmt),
            ("TRUNCATE t", T_TruncateStmt),
            ("DO ''", T_DoStmt),
            ("CALL f()", T_CallStmt),
            ("ALTER SYSTEM RESET ALL", T_AlterSystemStmt),
            ("DROP SUBSCRIPTION s", T_DropSubscriptionStmt),
        ]
    }

    private static func statementTags(of sql: StaticString) -> [Int] {
        let text = unsafe UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self)
        return unsafe withTree(of: text) { tree in
            guard case .statements(let list?) = tree else { return [] }
            return (0..<list.count).map { index in
                guard let node = list[index], node.tag == Tag.rawStatement else { return -1 }
                return unsafe TreeNode(node.fields(as: RawStmt.self).stmt)?.tag ?? -1
            }
        }
    }

    /// Reads fields of the nodes that matter most and compares what they say.
    private static func checkFields() throws {
        let sql = """
            WITH c AS (SELECT 1) SELECT s.f(a.b, $2, n => 'x'::e.t), CURRENT_USER \
            FROM s.r AS a, c WHERE (g(-7)).h = 2.5 ORDER BY 1 COLLATE "C"
            """
        guard case .statements(let statements) = unsafe parse(Array(sql.utf8).span.bytes), statements.count == 1 else {
            throw SelfTestFailure(description: "libpg_query does not parse: \(sql)")
        }
        let facts = statements[0].facts
        let arguments = [
            Argument(value: .other),
            Argument(value: .parameter(2)),
            Argument(name: "n", value: .cast(.constant(1), TypeUse(name: QualifiedName(schema: "e", "t")))),
        ]
        let holds =
            facts.undecided == nil && facts.kinds == [.select] && facts.parameterCount == 2
            && facts.calls.map(\.name.description) == ["s.f", "pg_catalog.current_user", "g"]
            && facts.calls.map(\.place) == [.targetList, .targetList, .where] && facts.calls[0].arguments == arguments
            && facts.relations == [RelationUse(name: QualifiedName(schema: "s", "r"), access: .select)]
            && facts.attributes.map(\.name) == ["b", "h"] && facts.operators == [QualifiedName("=")]
            && facts.constants.map(\.value) == ["1", "x", "-7", "2.5", "1"]
            && facts.collations == [QualifiedName("C")]
        guard holds else {
            throw SelfTestFailure(description: "the parse tree does not have the fields that PostgreSQL 15's has")
        }
    }
}
