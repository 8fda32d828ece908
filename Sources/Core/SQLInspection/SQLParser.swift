import CPgQuery

/// Bounds on what is parsed.
public struct ParseLimits: Sendable, Equatable {
    /// The longest text in bytes. The caller's thread must have a stack in proportion: the worst form measured takes
    /// 179 bytes of it per byte of SQL.
    public var bytes: Int
    /// The deepest tree the walk goes into.
    public var depth: Int

    /// Limits, by default those of a reactor.
    public init(bytes: Int = 64 << 10, depth: Int = 4000) {
        self.bytes = bytes
        self.depth = depth
    }
}

/// PostgreSQL's own grammar and the walk over what it gives.
///
/// May be called on any thread; all memory of the parser is freed on return.
public enum SQLParser {
    /// Parses a query text without its NUL terminator and walks it.
    ///
    /// Byte offsets in facts and `ParsedStatement.range` count from the start of the whole text, also in the second and
    /// later statements of one text.
    public static func parse(_ text: RawSpan, limits: ParseLimits = ParseLimits()) -> ParsedText {
        parse(text, limits: limits, table: .standard)
    }

    static func parse(_ text: RawSpan, limits: ParseLimits, table: RuleTable) -> ParsedText {
        guard text.byteCount <= limits.bytes else { return .failed(.tooLong(limit: limits.bytes)) }
        if let failure = TextCheck.failure(in: text) { return .failed(failure) }
        return unsafe withTerminated(text) { terminated in
            unsafe withTree(of: terminated) { tree in
                switch tree {
                case .failed(let failure): .failed(failure)
                case .statements(let list): statements(in: list, of: text, limits: limits, table: table)
                }
            }
        }
    }

    /// What the raw parser answers.
    enum Tree {
        case statements(TreeList?)
        case failed(InspectionFailure)
    }

    /// Copies the text to where a NUL follows it, as C wants it.
    static func withTerminated<Result>(_ text: RawSpan, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let count = text.byteCount
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { buffer in
            unsafe text.withUnsafeBytes { bytes in
                unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
            }
            unsafe buffer[count] = 0
            return unsafe body(UnsafePointer(buffer.baseAddress.unsafelyUnwrapped))
        }
    }

    /// Parses in a memory context of its own; the tree is valid inside `body` only.
    static func withTree<Result>(of text: UnsafePointer<CChar>, _ body: (Tree) -> Result) -> Result {
        let context = unsafe pg_query_enter_memory_context()
        defer { unsafe pg_query_exit_memory_context(context) }
        let parsed = unsafe pg_query_raw_parse(text)
        // libpg_query allocates this with malloc when it captures the parser's standard error.
        defer { unsafe free(parsed.stderr_buffer) }
        if let error = unsafe parsed.error {
            defer { unsafe pg_query_free_error(error) }
            let message = unsafe Swift.String(cString: error.pointee.message)
            let position = unsafe Int(error.pointee.cursorpos)
            return body(.failed(.syntax(message: message, position: position)))
        }
        return unsafe body(.statements(TreeList(parsed.tree)))
    }

    private static func statements(
        in list: TreeList?,
        of text: RawSpan,
        limits: ParseLimits,
        table: RuleTable
    ) -> ParsedText {
        guard let list else { return .statements([]) }
        var statements: [ParsedStatement] = []
        statements.reserveCapacity(list.count)
        for index in 0..<list.count {
            guard let node = list[index], node.tag == Tag.rawStatement else { continue }
            let raw = unsafe node.fields(as: RawStmt.self)
            var walk = TreeWalk(table: table, depthLimit: limits.depth)
            walk.visit(node, TreeWalk.Context(place: .other, literals: .free))
            if walk.isTooDeep { return .failed(.tooDeep(limit: limits.depth)) }
            let start = unsafe Int(raw.stmt_location)
            let end = unsafe raw.stmt_len == 0 ? text.byteCount : start + Int(raw.stmt_len)
            statements.append(ParsedStatement(facts: walk.facts.facts(), range: trimmed(start..<end, of: text)))
        }
        return .statements(statements)
    }

    /// A range without the white space (PostgreSQL's, not Unicode's) and the semicolons at its ends.
    private static func trimmed(_ range: Range<Int>, of text: RawSpan) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isSpace(text, start) { start += 1 }
        while end > start, isSpace(text, end - 1) { end -= 1 }
        return start..<end
    }

    private static func isSpace(_ text: RawSpan, _ index: Int) -> Bool {
        switch unsafe text.unsafeLoad(fromByteOffset: index, as: UInt8.self) {
        case 0x20, 0x09, 0x0A, 0x0C, 0x0D: true
        default: false
        }
    }
}
