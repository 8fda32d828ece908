import PluginAPI
import PostgresWire

/// The startup parameter `options`: a command line for the server, of which only settings are taken
/// (postgres.c, process_postgres_switches; pg_split_opts).
enum StartupOptions {
    static func settings(_ options: String) throws(ErrorResponse) -> [StartupParameter] {
        var words = split(options)[...]
        var settings: [StartupParameter] = []
        while let word = words.popFirst() {
            if word == "-c" {
                guard let next = words.popFirst() else { throw missingValue("-c") }
                settings.append(try setting(next))
            } else if word.hasPrefix("-c") {
                settings.append(try setting(String(word.dropFirst(2))))
            } else if word.hasPrefix("--") {
                settings.append(try setting(String(word.dropFirst(2))))
            } else {
                throw .fatal(
                    .insufficientPrivilege,
                    "command-line argument \"\(word)\" in startup options is not allowed",
                    hint: "Use -c name=value."
                )
            }
        }
        return settings
    }

    /// Words are parted by white space; a backslash takes the next character as it is.
    private static func split(_ options: String) -> [String] {
        var words: [String] = []
        var word: String?
        var isEscaped = false
        for character in options.unicodeScalars {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character.properties.isWhitespace, character.isASCII {
                if let finished = word { words.append(finished) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let finished = word { words.append(finished) }
        return words
    }

    private static func setting(_ text: String) throws(ErrorResponse) -> StartupParameter {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { throw missingValue("-c " + text) }
        let name = String(text[..<equals].map { $0 == "-" ? "_" : $0 })
        return StartupParameter(name: name, value: String(text[text.index(after: equals)...]))
    }

    private static func missingValue(_ argument: String) -> ErrorResponse {
        .fatal(.syntaxError, "\(argument) requires a value")
    }
}
