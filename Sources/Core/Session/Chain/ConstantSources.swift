import PluginAPI
import SQLInspection

/// A statement's constants, and which of them a verdict asked for.
final class RecordedConstants: ConstantSource {
    private let values: [String]
    private(set) var read = ConstantSet()

    init(_ values: [String]) { self.values = values }

    func value(ofConstant index: Int) -> String {
        read.insert(index)
        return values[index]
    }
}

/// Constants as the facts have them.
struct FactConstants: ConstantSource {
    private let facts: StatementFacts

    init(_ facts: StatementFacts) { self.facts = facts }

    func value(ofConstant index: Int) -> String { facts.constants[index].value }
}

/// Constants that were kept with a prepared statement.
struct KeptConstants: ConstantSource {
    let values: [String]

    func value(ofConstant index: Int) -> String { values[index] }
}
