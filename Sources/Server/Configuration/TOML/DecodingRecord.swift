import PluginAPI
import Synchronization

/// What one pass over a document has found wrong, and which of its keys somebody asked for.
///
/// Behind a lock only so that `PluginContext`, whose closures are `Sendable`, may hold it: a pass runs on one thread.
final class DecodingRecord: Sendable {
    let document: TOMLDocument
    private let state = Mutex(State())

    private struct State {
        var problems: [Problem] = []
        var tables: [TOMLPath: TableUse] = [:]
        /// How many elements of an array nobody has read.
        var unreadElements: [TOMLPath: Int] = [:]
        /// Keys of the document's top that are read by others.
        var reserved: Set<String> = []
        var reservedAndAsked: Set<String> = []
    }

    private struct Problem: Hashable {
        let path: TOMLPath
        let error: ConfigurationError
    }

    init(_ document: TOMLDocument) {
        self.document = document
    }

    /// Somebody decodes this table: from now on its keys must find a reader.
    func visit(_ node: TOMLNode, at path: TOMLPath) {
        guard case .table(let table) = node else { return }
        state.withLock { $0.tables[path, default: TableUse()].present.formUnion(table.keys) }
    }

    /// A reader knows these keys by name, whether or not it goes on to ask for them.
    func accept(_ keys: [String], at path: TOMLPath) {
        state.withLock { $0.tables[path, default: TableUse()].accepted.formUnion(keys) }
    }

    func ask(_ key: String, at path: TOMLPath) {
        state.withLock { state in
            state.tables[path, default: TableUse()].asked.insert(key)
            if path == .root, state.reserved.contains(key) { state.reservedAndAsked.insert(key) }
        }
    }

    /// These keys of the document's top have been read: nobody who reads on may have keys of these names.
    func reserve(_ keys: Set<String>) {
        state.withLock { $0.reserved = keys }
    }

    /// Keys that were asked for after they had been reserved.
    var reservedAndAsked: Set<String> { state.withLock { $0.reservedAndAsked } }

    /// Somebody has read elements of an array, up to this many before its end.
    func read(upTo remaining: Int, at path: TOMLPath) {
        state.withLock { $0.unreadElements[path] = min($0.unreadElements[path] ?? remaining, remaining) }
    }

    func note(_ message: String, at path: TOMLPath) {
        let error = document.mistake(message, at: path)
        state.withLock { state in
            let problem = Problem(path: path, error: error)
            if !state.problems.contains(problem) { state.problems.append(problem) }
        }
    }

    /// Notes what a `Decodable` type or a plugin threw.
    ///
    /// Such an error is dropped when something within or around its place is known to be wrong: the type may have
    /// seen a placeholder, and a complaint about that would send the operator the wrong way.
    func note(_ error: any Error, thrownAt path: TOMLPath, by type: Any.Type? = nil, found node: TOMLNode? = nil) {
        switch error {
        case is Recorded:
            return
        case let errors as ConfigurationErrors:
            errors.errors.forEach(append)
        case let error as ConfigurationError:
            append(error)
        case let error as PluginConfigurationError:
            noteUnlessKnown(error.message, at: document.root.path(following: error.keyPath).path)
        case let error as DecodingError:
            let (names, message) = error.placeAndMessage
            let place = document.root.path(following: names).path
            let ownWords = place == path ? Self.words(for: type, node) : nil
            noteUnlessKnown(ownWords ?? message, at: place)
        default:
            noteUnlessKnown("\(error)", at: path)
        }
    }

    /// Everything that is wrong, by line.
    func errors() -> [ConfigurationError] {
        state.withLock { state in
            let isComplete = state.problems.isEmpty
            var errors = state.problems.map(\.error)
            for (path, use) in state.tables {
                errors += use.unread(isComplete: isComplete).map { document.mistake($0.message, at: path + $0.key) }
            }
            for (path, count) in state.unreadElements where isComplete && count > 0 {
                errors.append(document.mistake("has more elements than are read; remove the last \(count)", at: path))
            }
            return errors.sorted { ($0.line ?? 0, $0.key ?? "") < ($1.line ?? 0, $1.key ?? "") }
        }
    }

    /// Ends the pass: throws whatever was wrong.
    func finish() throws(ConfigurationErrors) {
        let errors = errors()
        if !errors.isEmpty { throw ConfigurationErrors(errors) }
    }

    /// Notes a complaint about a value unless it is known to be a placeholder, or to hold one.
    func noteUnlessKnown(_ message: String, at path: TOMLPath) {
        let isKnown = state.withLock { $0.problems.contains { $0.path.isRelated(to: path) } }
        if !isKnown { note(message, at: path) }
    }

    /// Keeps an error that knows its own place, such as one about a password file.
    private func append(_ error: ConfigurationError) {
        state.withLock { $0.problems.append(Problem(path: TOMLPath(components: [.key("\u{1}")]), error: error)) }
    }

    /// Better words for an enumeration's string than the standard library has.
    private static func words(for type: Any.Type?, _ node: TOMLNode?) -> String? {
        guard let type, case .string(let text)? = node, let permitted = Placeholder.permittedValues(type) else {
            return nil
        }
        return "\"\(text)\" is not known here; write " + Words.alternatives(permitted.map { "\"\($0)\"" })
    }
}

extension DecodingError {
    fileprivate var placeAndMessage: (names: [String], message: String) {
        let (context, key): (Context, (any CodingKey)?) =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context): (context, nil)
            case .dataCorrupted(let context): (context, nil)
            case .keyNotFound(let key, let context): (context, key)
            @unknown default: (Context(codingPath: [], debugDescription: "cannot be decoded"), nil)
            }
        let path = context.codingPath + (key.map { [$0] } ?? [])
        return (path.map(\.stringValue), key == nil ? context.debugDescription : "is missing")
    }
}
