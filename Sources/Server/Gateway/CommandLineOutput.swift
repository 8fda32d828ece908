import FoundationEssentials
import Glibc

/// What commands that answer a question write.
enum CommandLineOutput {
    /// Sorted, so that two answers can be compared line by line.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Lines for standard error.
    static func complain(_ text: String) {
        let line = Array("\(text)\n".utf8)
        _ = unsafe write(STDERR_FILENO, line, line.count)
    }
}
