/// The line on which each key of a TOML text stands: what the parser does not tell.
///
/// Scans text that has been parsed before, so it only needs to tell keys from values, not to judge them. Whatever it
/// misreads costs a wrong line number in an error message and nothing else.
struct TOMLKeyIndex: Sendable {
    private(set) var lines: [TOMLPath: Int] = [:]
    /// Lines with a string that holds a NUL (`"\u0000"`), which TOMLKit would cut off there without a word.
    private(set) var linesWithNUL: [Int] = []
    /// The first place at which the parser behind TOMLKit would end the process: a header without a name, a `}` where an
    /// array's value should be, or names in names without end.
    private(set) var trap: Trap?

    /// What must not be shown to the parser.
    struct Trap: Sendable {
        let line: Int
        /// In bytes.
        let offset: Int
        /// What is wrong, and what to write.
        let message: String
    }

    /// How many names and places in lists may lead to a value. The parser has a limit of its own for values, the same.
    private static let mostLevels = 256

    private var cursor: TOMLCursor
    /// How many `[[tables]]` of a name have begun.
    private var tableCounts: [TOMLPath: Int] = [:]

    init(text: String) {
        cursor = TOMLCursor(text: text)
        scan()
    }

    /// The line of a value, or of the nearest table around it that has a line; nil for the file as a whole.
    func line(of path: TOMLPath) -> Int? {
        var path = path
        while !path.components.isEmpty {
            if let line = lines[path] { return line }
            path = path.parent
        }
        return nil
    }

    private mutating func scan() {
        var table = TOMLPath.root
        while true {
            cursor.skipBlanks()
            guard let byte = cursor.current else { return }
            if byte == UInt8(ascii: "[") {
                table = header()
            } else {
                assignment(in: table)
            }
        }
    }

    /// `[a.b]` or `[[a.b]]`
    private mutating func header() -> TOMLPath {
        let (line, offset) = (cursor.line, cursor.position)
        cursor.advance()
        let beginsElement = cursor.current == UInt8(ascii: "[")
        if beginsElement { cursor.advance() }
        cursor.skipSpaces()
        if trap == nil, !cursor.isAtQuote, !cursor.isAtBareKey {
            trap = Trap(line: line, offset: offset, message: "a table's name is missing; write [name] or [[name]]")
        }
        let names = keys()
        var path = TOMLPath.root
        for (position, name) in names.enumerated() {
            path = path + name
            note(path, line)
            if beginsElement && position == names.count - 1 {
                tableCounts[path, default: 0] += 1
            }
            if let count = tableCounts[path] {
                path = path + (count - 1)
                note(path, line)
            }
        }
        cursor.skip(through: UInt8(ascii: "]"))
        if beginsElement { cursor.skip(through: UInt8(ascii: "]")) }
        return path
    }

    private mutating func assignment(in table: TOMLPath) {
        let line = cursor.line
        var path = table
        for name in keys() {
            path = path + name
            note(path, line)
        }
        cursor.skip(through: UInt8(ascii: "="))
        value(at: path)
    }

    /// A key, dotted or not.
    private mutating func keys() -> [String] {
        var names: [String] = []
        while true {
            cursor.skipSpaces()
            if names.count == Self.mostLevels { refuseDepth() }
            names.append(cursor.isAtQuote ? string() : cursor.bareKey())
            cursor.skipSpaces()
            guard cursor.current == UInt8(ascii: ".") else { return names }
            cursor.advance()
        }
    }

    private mutating func value(at path: TOMLPath) {
        cursor.skipSpaces()
        if path.components.count > Self.mostLevels { refuseDepth() }
        switch cursor.current {
        case UInt8(ascii: "["): array(at: path)
        case UInt8(ascii: "{"): inlineTable(at: path)
        case _ where cursor.isAtQuote: _ = string()
        default: cursor.skipBareValue()
        }
    }

    private mutating func array(at path: TOMLPath) {
        cursor.advance()
        var index = 0
        while true {
            cursor.skipBlanksAndCommas()
            guard let byte = cursor.current else { return }
            if byte == UInt8(ascii: "]") { return cursor.advance() }
            if trap == nil, byte == UInt8(ascii: "}") {
                let message = "a } stands where a list's value should be; remove it"
                trap = Trap(line: cursor.line, offset: cursor.position, message: message)
            }
            note(path + index, cursor.line)
            let start = cursor.position
            value(at: path + index)
            if cursor.position == start { cursor.advance() }
            index += 1
        }
    }

    private mutating func inlineTable(at path: TOMLPath) {
        cursor.advance()
        while true {
            cursor.skipBlanksAndCommas()
            guard let byte = cursor.current else { return }
            if byte == UInt8(ascii: "}") { return cursor.advance() }
            assignment(in: path)
        }
    }

    /// Leaves the rest of the text unread.
    private mutating func refuseDepth() {
        let message = "more than \(Self.mostLevels) names lead to a value here; write fewer"
        trap = trap ?? Trap(line: cursor.line, offset: cursor.position, message: message)
        cursor.skipToEnd()
    }

    private mutating func string() -> String {
        let line = cursor.line
        let text = cursor.quotedString()
        if text.unicodeScalars.contains("\0") { linesWithNUL.append(line) }
        return text
    }

    /// The first mention counts: `[a.b]` before `[a]` is where a reader meets `a`.
    private mutating func note(_ path: TOMLPath, _ line: Int) {
        if lines[path] == nil { lines[path] = line }
    }
}
