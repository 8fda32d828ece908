/// One mistake in what the operator wrote: where it stands, and what to write instead.
///
/// Renders as one line, in the form that editors and terminals make a link of: `gateway.toml:12: users[1].name: …`.
/// Never holds a secret: messages about passwords say what is wrong with them, not what they are.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file as the operator wrote its path, or `environment`.
    package let file: String
    /// Counted from 1; nil when the mistake is about the file as a whole.
    package let line: Int?
    /// Counted from 1, in bytes; known for syntax errors only.
    package let column: Int?
    /// The key as the operator would look for it, `users[1].name`; nil when no key is concerned.
    package let key: String?
    /// What was found, and after a semicolon what to write instead.
    package let message: String

    package init(file: String, line: Int? = nil, column: Int? = nil, key: String? = nil, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.message = message
    }

    package var description: String {
        var place = file
        if let line { place += ":\(line)" }
        if let column { place += ":\(column)" }
        if let key { place += ": \(key)" }
        return "\(place): \(message)"
    }
}

/// Everything that is wrong, so that one look at the terminal is enough to mend it: what loading throws.
package struct ConfigurationErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// At least one; those of one file stand together, in the order of their lines.
    package let errors: [ConfigurationError]

    package init(_ errors: [ConfigurationError]) {
        precondition(!errors.isEmpty, "an error without a mistake would stop the start without a reason")
        self.errors = errors
    }

    /// One line for each mistake.
    package var description: String {
        errors.map(\.description).joined(separator: "\n")
    }
}
