@testable import SQLInspection

/// Compares what an inspector says of random statements, with all it remembers, to what the grammar says of each alone.
///
/// With a planted bug only what the bug alone is to blame for counts: a second inspector, which has the rule but not
/// those that would catch the same texts a second time, must agree with the grammar there.
struct DifferentialFuzzer {
    struct Difference: CustomStringConvertible {
        let text: String
        /// How many statements it took.
        let after: Int
        let path: InspectionPath?
        let expected: ObservedText
        let found: ObservedText

        var description: String {
            "after \(after) statements, by \(path.map(\.rawValue) ?? "-"): \(text)\nexpected \(expected)\nfound    \(found)"
        }
    }

    private var generator: StatementGenerator
    let inspector: Inspector
    private(set) var statements = 0
    private(set) var reasons: Set<FixedReason> = []

    private let control: Inspector?

    init(seed: UInt64, cacheBytes: Int = 2 << 20) {
        self.init(seed: seed, cacheBytes: cacheBytes, rules: .all, control: nil)
    }

    init(seed: UInt64, planting bug: PlantedBug) {
        let rules = AdmissionRule.all.subtracting(bug.secondLine)
        self.init(seed: seed, cacheBytes: 2 << 20, rules: rules.subtracting(bug.rule), control: rules)
    }

    private init(seed: UInt64, cacheBytes: Int, rules: AdmissionRule, control: AdmissionRule?) {
        generator = StatementGenerator(seed: seed)
        let limits = Inspector.Limits(cacheBytes: cacheBytes)
        inspector = Inspector(limits: limits, seed: seed, rules: rules)
        self.control = control.map { Inspector(limits: limits, seed: seed, rules: $0) }
    }

    /// Stops at the first difference.
    mutating func run(_ count: Int) -> Difference? {
        for _ in 0..<count {
            let text = generator.next()
            statements += 1
            let found = ObservedText.inspecting(text, with: inspector)
            let expected = ObservedText(parsing: text)
            if case .statements(let observed) = expected {
                for constant in observed.flatMap(\.constants) {
                    if let reason = constant.fixed { reasons.insert(reason) }
                }
            }
            let isControlRight = control.map { ObservedText.inspecting(text, with: $0).text == expected } ?? true
            if found.text != expected && isControlRight {
                return Difference(
                    text: String(decoding: text, as: UTF8.self),
                    after: statements,
                    path: found.path,
                    expected: expected,
                    found: found.text
                )
            }
        }
        return nil
    }
}
