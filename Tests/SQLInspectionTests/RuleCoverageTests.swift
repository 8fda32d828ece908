import Foundation
import Testing

@testable import SQLInspection

@Suite("Every node type and field of the grammar has a rule")
struct RuleCoverageTests {
    /// The messages of libpg_query's own description of the tree, with their fields' names in C.
    static let messages: [(name: String, fields: [String])] = {
        guard let text = try? String(contentsOfFile: "/usr/include/pg_query/pg_query.proto", encoding: .utf8) else {
            return []
        }
        var messages: [(name: String, fields: [String])] = []
        // Values' fields have no C name of their own there: their rules are the same for all of them.
        for line in text.split(separator: "\n") {
            if line.hasPrefix("message ") {
                messages.append((String(line.split(separator: " ")[1].prefix { $0 != "{" }), []))
            } else if let name = line.firstMatch(of: /json_name="(\w+)"/), !messages.isEmpty {
                messages[messages.count - 1].fields.append(String(name.1))
            }
        }
        // The envelope, and what the scanner gives.
        let outside: Set = ["ParseResult", "ScanResult", "Node", "ScanToken"]
        return messages.filter { !outside.contains($0.name) }
    }()

    @Test func `the description is read`() {
        #expect(Self.messages.count > 230)
        #expect(Self.messages.first { $0.name == "SelectStmt" }?.fields.count == 20)
    }

    @Test func `no node type and no field is without a rule`() {
        let rules = Dictionary(uniqueKeysWithValues: NodeRules.all.map { ($0.name, $0) })
        for message in Self.messages where message.name != "List" {
            guard let rule = rules[message.name] else {
                Issue.record("\(message.name) has no rule")
                continue
            }
            guard case .walk(_, let fields) = rule.body else { continue }
            let named = Set(fields.map(\.name))
            for field in message.fields where !named.contains(field) {
                Issue.record("\(message.name).\(field) has no rule")
            }
            #expect(named.count == fields.count, "\(message.name) has two rules for one field")
        }
    }

    @Test func `no rule is for something that is not in the grammar`() {
        let known = Dictionary(uniqueKeysWithValues: Self.messages.map { ($0.name, Set($0.fields)) })
        for rule in NodeRules.all {
            guard let fields = known[rule.name] else {
                Issue.record("\(rule.name) is not in the grammar")
                continue
            }
            guard case .walk(_, let ruled) = rule.body else { continue }
            for field in ruled where rule.name != "A_Const" && !fields.contains(field.name) {
                Issue.record("\(rule.name).\(field.name) is not in the grammar")
            }
        }
    }

    @Test func `tags are unique`() {
        #expect(Set(NodeRules.all.map(\.tag)).count == NodeRules.all.count)
    }

    @Test func `the self-test accepts the library at hand`() throws {
        try SQLParser.selfTest()
    }

    @Test func `a masked rule changes what the walk finds`() throws {
        let bytes = Array("SELECT f(1) FROM t WHERE g(2)".utf8)
        let table = try #require(RuleTable.standard.masking(node: "SelectStmt", field: "whereClause"))
        guard
            case .statements(let found) = unsafe SQLParser.parse(bytes.span.bytes, limits: ParseLimits(), table: table)
        else {
            Issue.record("parses")
            return
        }
        #expect(found[0].facts.callNames == ["f"])
        #expect(RuleTable.standard.masking(node: "SelectStmt", field: "nothing") == nil)
        #expect(RuleTable.standard.masking(node: "Nothing", field: nil) == nil)
    }
}
