import Testing

@testable import SQLInspection

@Suite("Every rule is needed")
struct RuleMaskTests {
    /// Rules that no statement can show the need of, with the reason.
    static let unseen: Set<String> = [
        // Never set by the grammar: there so that a tree that has them is refused.
        "CommonTableExpr.ctecolnames", "CommonTableExpr.ctecoltypes", "CommonTableExpr.ctecoltypmods",
        "CommonTableExpr.ctecolcollations", "ColumnDef.raw_default", "ColumnDef.cooked_default",
        "ColumnDef.compression",
        "ColumnDef.identitySequence", "ColumnDef.constraints", "ColumnDef.fdwoptions", "IntoClause.viewQuery",
        "RowExpr.colnames", "XmlExpr.arg_names", "GroupingFunc.refs", "GroupingFunc.cols", "TypeName.pct_type",
        // Operator class options come with an operator class, which is refused already.
        "IndexElem.opclassopts",
        // Names without an expression below them.
        "JoinExpr.alias", "JoinExpr.join_using_alias", "RangeFunction.alias", "RangeTableFunc.alias",
        "CommonTableExpr.search_clause",
        // Read by the parser's caller, not by the walk.
        "RawStmt.stmt_location", "RawStmt.stmt_len",
    ]

    static let texts: [[UInt8]] =
        CorpusStatement.all.map { Array($0.sql.utf8) } + PlaceTests.forms.map { Array($0.sql.utf8) }
        + RelationTests.accessForms.map { Array($0.0.utf8) } + RelationTests.scopeForms.map { Array($0.0.utf8) }
        + UndecidedTests.fieldForms.map { Array($0.0.utf8) } + CallTests.attributeForms.map { Array($0.0.utf8) }
        + NameTests.clauseForms.map { Array($0.0.utf8) } + NameTests.typeForms.map { Array($0.0.utf8) }

    static func parse(_ text: [UInt8], _ table: RuleTable) -> [StatementFacts] {
        guard case .statements(let found) = unsafe SQLParser.parse(text.span.bytes, limits: ParseLimits(), table: table)
        else { return [] }
        return found.map(\.facts)
    }

    @Test func `without it some statement has other facts`() throws {
        let normal = Self.texts.map { Self.parse($0, .standard) }
        for rule in NodeRules.all {
            guard case .walk(_, let fields) = rule.body else { continue }
            for field in fields {
                if case .inert = field.rule { continue }
                let name = "\(rule.name).\(field.name)"
                let table = try #require(RuleTable.standard.masking(node: rule.name, field: field.name))
                let isNeeded = zip(Self.texts, normal).contains { text, facts in
                    !zip(Self.parse(text, table), facts).allSatisfy { $0.isSame(as: $1) }
                }
                #expect(isNeeded != Self.unseen.contains(name), "\(name)")
            }
        }
    }
}

extension StatementFacts {
    /// Whether both say the same of everything.
    func isSame(as other: StatementFacts) -> Bool {
        kinds == other.kinds && calls == other.calls && operators == other.operators && types == other.types
            && relations == other.relations && attributes == other.attributes && settings == other.settings
            && collations == other.collations && constants == other.constants
            && preparedStatement == other.preparedStatement && cursor == other.cursor
            && transaction == other.transaction && sessionState == other.sessionState && copy == other.copy
            && discard == other.discard && writes == other.writes && parameterCount == other.parameterCount
            && repeatedParameters == other.repeatedParameters && undecided == other.undecided
    }
}
