import PluginAPI
import PostgresWire

/// A statement that a plugin or the gateway itself refuses: what the client is told, and what observers are.
struct Refusal {
    let error: ErrorResponse
    /// The plugin's file and its rule; nil where the gateway itself refuses.
    var rule: (file: String, name: String)?
    /// What was refused, where it could be read.
    var statements: [JudgedStatement] = []
    /// Which of them.
    var index = 0
    /// What was refused, where a plugin had put it into the client's text's place.
    var replacement: [UInt8]?

    init(_ error: ErrorResponse) { self.error = error }

    init(_ denial: Denial, file: String, position: Int? = nil) {
        error = denial.errorResponse(file: file, position: position)
        rule = (file, denial.rule)
    }
}
