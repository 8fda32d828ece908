import PluginAPI
import SQLInspection

/// A statement's constants and text, and which of them a verdict asked for.
@safe final class RecordedStatement: ConstantSource, TextSource {
    private let values: [String]
    private(set) var read = ConstantSet()
    /// The whole Query, as long as it is being judged.
    private var query: UnsafeRawBufferPointer?
    private let range: Range<Int>
    private var readText: String?

    /// - Parameter range: where the statement stands in `query`, which has to be there until `close`.
    init(_ values: [String], query: UnsafeRawBufferPointer, range: Range<Int>) {
        self.values = values
        unsafe self.query = query
        self.range = range
    }

    func value(ofConstant index: Int) -> String {
        read.insert(index)
        return values[index]
    }

    /// A verdict that has read the text rests on each of its constants.
    var text: String {
        if let readText { return readText }
        guard let query = unsafe query else { preconditionFailure("a statement's text is read while it is judged") }
        for index in values.indices { read.insert(index) }
        let text = unsafe String(decoding: UnsafeRawBufferPointer(rebasing: query[range]), as: UTF8.self)
        readText = text
        return text
    }

    /// Nobody may ask for the text from here on.
    func close() { unsafe query = nil }
}

/// A statement that a plugin has put into another's place.
struct RewrittenStatement: ConstantSource, TextSource {
    let text: String
    private let constants: FactConstants

    init(_ text: String, _ facts: StatementFacts) {
        self.text = text
        constants = FactConstants(facts)
    }

    func value(ofConstant index: Int) -> String { constants.value(ofConstant: index) }
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
