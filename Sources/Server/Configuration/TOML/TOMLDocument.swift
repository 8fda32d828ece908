import Synchronization
import TOMLKit

/// A TOML file that has been parsed: its values, and on which line each of its keys stands.
package struct TOMLDocument: Sendable {
    /// The path as the operator wrote it: what messages begin with.
    package let file: String
    let root: TOMLNode
    let index: TOMLKeyIndex

    /// Parses a text.
    ///
    /// - Throws: the syntax error with line and column; strings that hold a NUL, one error each.
    package init(text: String, file: String) throws(ConfigurationErrors) {
        self.file = file
        index = TOMLKeyIndex(text: text)
        if let trap = index.trap { throw Self.errors(before: trap, in: text, file: file) }
        root = try Self.parse(text, file: file)
        let strings = index.linesWithNUL
        if text.utf8.contains(0) || !strings.isEmpty {
            let lines: [Int?] = strings.isEmpty ? [nil] : strings
            let message = "a NUL character cannot be part of a setting; remove it"
            throw ConfigurationErrors(lines.map { ConfigurationError(file: file, line: $0, message: message) })
        }
    }

    /// Reads and parses a file that nobody but its owner may change.
    package init(contentsOf path: String) throws(ConfigurationErrors) {
        let text: String
        do {
            text = try TextFile.read(path, as: .settings)
        } catch {
            throw ConfigurationErrors([ConfigurationError(file: path, message: error.message)])
        }
        if let known = Self.known.withLock({ $0[path] }), known.text == text {
            self = known.document
            return
        }
        try self.init(text: text, file: path)
        Self.known.withLock { $0[path] = (text, self) }
    }

    /// The files as they were read last. What TOMLKit makes of a text stays in memory for good: a file that has not changed
    /// is not parsed again, so that reloads take none.
    private static let known = Mutex<[String: (text: String, document: TOMLDocument)]>([:])

    /// Decodes the whole file, strictly: a key that nobody asks for is an error, and all errors are found together.
    ///
    /// To find them together, a value that cannot be decoded is noted and a harmless one takes its place until the end
    /// of the pass. So an `init(from:)` may see values that the file does not hold; what it makes of them is thrown away.
    package func decode<Value: Decodable>(
        _ type: Value.Type,
        userInfo: [CodingUserInfoKey: Any] = [:]
    ) throws(ConfigurationErrors) -> Value {
        let record = DecodingRecord(self)
        let decoder = StrictDecoder(node: root, path: .root, record: record, userInfo: userInfo)
        let value = try? decoder.value(type)
        try record.finish()
        guard let value else { preconditionFailure("decoding failed without a reason on record") }
        return value
    }

    /// A complaint about a value, with the line it stands on.
    func mistake(_ message: String, at path: TOMLPath) -> ConfigurationError {
        ConfigurationError(
            file: file,
            line: index.line(of: path),
            key: path.components.isEmpty ? nil : path.description,
            message: message
        )
    }

    /// What is wrong with a text that must not be parsed as a whole; what is wrong on an earlier line comes first.
    private static func errors(before trap: TOMLKeyIndex.Trap, in text: String, file: String) -> ConfigurationErrors {
        do {
            // Nothing that begins with "=" is TOML: there the parser stops at the latest.
            _ = try parse(String(decoding: text.utf8.prefix(trap.offset), as: UTF8.self) + "=", file: file)
        } catch {
            if let line = error.errors.first?.line, line < trap.line { return error }
        }
        return ConfigurationErrors([ConfigurationError(file: file, line: trap.line, message: trap.message)])
    }

    private static func parse(_ text: String, file: String) throws(ConfigurationErrors) -> TOMLNode {
        do {
            return TOMLNode(try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            let position = error.source.begin
            let mistake = ConfigurationError(
                file: file,
                line: position.line,
                column: position.column,
                message: withoutContent(error.description)
            )
            throw ConfigurationErrors([mistake])
        } catch {
            throw ConfigurationErrors([ConfigurationError(file: file, message: "\(error)")])
        }
    }

    /// The parser's message without what it quotes of the file: that might be a password that lacks its quotes.
    private static func withoutContent(_ message: String) -> String {
        if message.hasSuffix("is not representable in 64 bits") { return "a number is out of range" }
        guard let quotation = message.firstRange(of: ", saw ") else { return message }
        return String(message[..<quotation.lowerBound])
    }
}
