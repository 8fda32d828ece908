import Foundation
import Testing

@testable import SQLInspection

/// Facts by text and by template are the facts by grammar, whatever was seen before.
///
/// `PGML_FUZZ_STATEMENTS` says how many statements, `PGML_FUZZ_SEED` which ones. In release mode, a million:
/// `PGML_FUZZ_STATEMENTS=1000000 swift test -c release -Xswiftc -enable-testing --filter DifferentialTests`
@Suite("Facts by text, by template and by grammar")
struct DifferentialTests {
    @Test("Facts are the same on all three paths")
    func pathsAgree() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["PGML_FUZZ_STATEMENTS"].flatMap { Int($0) } ?? 60_000
        let seed = environment["PGML_FUZZ_SEED"].flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
        print("differential fuzzing: \(count) statements, PGML_FUZZ_SEED=\(seed)")
        var fuzzer = DifferentialFuzzer(seed: seed)
        let difference = fuzzer.run(count)
        print("\(fuzzer.inspector.statistics), fixed: \(fuzzer.reasons.map(\.rawValue).sorted())")
        #expect(difference == nil, "PGML_FUZZ_SEED=\(seed)")
        let statistics = fuzzer.inspector.statistics
        #expect(statistics.byTemplate > count / 10, "without template hits this test says little")
        #expect(statistics.byText > count / 80)
    }

    @Test("The fuzzer finds each rule that is left out", arguments: PlantedBug.all)
    func plantedBugIsFound(_ bug: PlantedBug) {
        var fuzzer = DifferentialFuzzer(seed: 1, planting: bug)
        let difference = fuzzer.run(40_000)
        #expect(difference != nil, "the fuzzer does not find \(bug.name)")
        if let difference {
            print(
                "\(bug.name): found after \(difference.after): \(difference.text.debugDescription)"
            )
        }
    }

    @Test("Every property of facts is compared, and kept when a template drops its values")
    func everyPropertyIsSeen() {
        let facts = StatementFacts(kinds: [.select])
        #expect(Mirror(reflecting: facts).children.count == ObservedStatement.comparedProperties)
        let full = StatementFacts(
            kinds: [.select],
            calls: [FunctionCall(name: QualifiedName("f"), place: .from, arguments: [])],
            operators: [QualifiedName("+")],
            types: [TypeUse(name: QualifiedName("t"))],
            relations: [RelationUse(name: QualifiedName("r"), access: .select)],
            attributes: [AttributeUse(name: "a", base: .expression)],
            settings: [SettingUse(name: "s", action: .show)],
            collations: [QualifiedName("C")],
            constants: [],
            preparedStatement: .deallocateAll,
            cursor: .closeAll,
            transaction: .begin,
            sessionState: .role,
            copy: .toClient,
            discard: .all,
            writes: true,
            parameterCount: 3,
            sparseParameters: [1, 3],
            repeatedParameters: [1: 2],
            parameterCasts: [1: [TypeUse(name: QualifiedName("t"))]],
            undecided: Undecided(node: "n", reason: "r")
        )
        func observed(_ facts: StatementFacts) -> ObservedStatement {
            ObservedStatement(facts, range: 0..<1, value: { _ in "" }, offset: { $0 })
        }
        #expect(observed(full.replacingConstants([])) == observed(full))
    }

    @Test("No reason for which the walk fixes a constant goes without a planted bug")
    func everyReasonIsPlanted() {
        var fuzzer = DifferentialFuzzer(seed: 2)
        _ = fuzzer.run(5000)
        let planted = PlantedBug.all.reduce(into: AdmissionRule()) { $0.formUnion($1.rule) }
        for reason in fuzzer.reasons { #expect(planted.contains(reason.rule), "\(reason)") }
    }
}
