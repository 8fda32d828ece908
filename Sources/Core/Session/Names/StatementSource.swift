import PostgresWire

/// All that it takes to prepare a statement anew: one object for all sessions of a reactor that prepare the same, so that
/// server connections can tell by identity whether they have it.
final class StatementSource: Sendable {
    /// As it is sent: what the plugins made of the client's text.
    let text: [UInt8]
    let parameterTypes: [UInt32]
    /// The settings that decide what parse analysis makes of the text; nil shares the statement with nobody.
    let settings: ParsingSettings?

    init(text: [UInt8], parameterTypes: [UInt32], settings: ParsingSettings?) {
        self.text = text
        self.parameterTypes = parameterTypes
        self.settings = settings
    }

    /// What it takes here and, roughly, on a server.
    var byteCount: Int { text.count + 4 * parameterTypes.count }

    func isSame(as other: StatementSource) -> Bool {
        guard let settings, let others = other.settings else { return self === other }
        return text == other.text && parameterTypes == other.parameterTypes && settings == others
    }
}

/// The sources in use on one reactor.
public final class StatementLibrary {
    private struct Entry {
        weak var source: StatementSource?
    }

    private var shelves: [Int: [Entry]] = [:]
    private var count = 0
    private var sweepsAt = 1024
    private var lastNumber = 0

    /// A library without sources.
    public init() {}

    /// A number that nothing else on this reactor has: for sessions, and for Parses of unnamed statements.
    func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// The one object that stands for this source.
    func shared(_ source: StatementSource) -> StatementSource {
        guard let settings = source.settings else { return source }
        var hasher = Hasher()
        hasher.combine(source.text)
        hasher.combine(source.parameterTypes)
        hasher.combine(settings)
        let shelf = hasher.finalize()
        for entry in shelves[shelf] ?? [] {
            if let known = entry.source, known.isSame(as: source) { return known }
        }
        shelves[shelf, default: []].append(Entry(source: source))
        count += 1
        if count >= sweepsAt { sweep() }
        return source
    }

    /// Forgets what nobody uses, each time as many came as were left by then.
    private func sweep() {
        shelves = shelves.compactMapValues { entries in
            let left = entries.filter { $0.source != nil }
            return left.isEmpty ? nil : left
        }
        count = shelves.values.reduce(0) { $0 + $1.count }
        sweepsAt = max(1024, 2 * count)
    }
}

extension [UInt8] {
    /// Appends a Parse that prepares `source` under this name.
    mutating func appendParse(_ name: StatementName, _ source: StatementSource) {
        appendParse(name: Array(name.text.utf8), text: source.text, parameterTypes: source.parameterTypes)
    }

    /// Appends Close for the statement of this name.
    mutating func appendClose(statement name: StatementName) { appendClose(statement: Array(name.text.utf8)) }

    /// Appends Describe for the statement of this name.
    mutating func appendDescribe(statement name: StatementName) { appendDescribe(statement: Array(name.text.utf8)) }
}
