/// How an explanation reads on a terminal.
extension Explanation {
    /// Several lines, without a line end behind the last.
    func text(for sql: String) -> String {
        var lines: [String] = []
        switch (error, verdict) {
        case (let error?, _):
            if let position = error.position { lines += Self.pointing(at: position, in: sql) + [""] }
            lines.append("denied: \(error.message) (\(error.sqlstate))")
            if let detail = error.detail { lines.append("  detail: \(detail)") }
            if let hint = error.hint { lines.append("  hint: \(hint)") }
            if error.file == nil { lines.append("  by the gateway itself, not by a plugin") }
        case (nil, _):
            lines.append("allowed")
        }
        if !undecidedParameters.isEmpty {
            let names = undecidedParameters.map { "$\($0)" }.joined(separator: ", ")
            lines.append("  if the values of \(names) pass when they come; give them with --param")
        }
        if let rewritten { lines.append("  sent to the server: \(rewritten)") }
        for (index, statement) in statements.enumerated() {
            lines.append("")
            lines.append("statement \(index + 1): \(statement.kinds.joined(separator: ", "))")
            lines += statement.lines.map { "  \($0)" }
        }
        if !parameters.isEmpty {
            lines += ["", "parameters"] + parameters.map { "  \($0.line)" }
        }
        if !notAsked.isEmpty {
            lines += ["", "not asked here, only when a statement runs: \(notAsked.joined(separator: ", "))"]
        }
        return lines.joined(separator: "\n")
    }

    /// The line of the text that holds a character (from 1), and a caret under it.
    static func pointing(at position: Int, in sql: String) -> [String] {
        var line: [Unicode.Scalar] = []
        var before = 0
        for (index, scalar) in sql.unicodeScalars.enumerated() {
            if scalar == "\n" {
                if index >= position - 1 { break }
                line = []
                before = index + 1
            } else {
                line.append(scalar)
            }
        }
        let column = min(max(0, position - 1 - before), line.count)
        let margin = line[..<column].map { $0 == "\t" ? "\t" : " " }.joined()
        var shown = String.UnicodeScalarView()
        shown.append(contentsOf: line)
        return [String(shown), margin + "^"]
    }
}

extension Explanation.Said {
    var line: String {
        var words = "\(file) \(answer.rawValue)"
        if let wantsParameters {
            words += ", and wants to see " + wantsParameters.map { "$\($0)" }.joined(separator: ", ")
        }
        if let rule { words += " by rule \"\(rule)\"" }
        if let message { words += ": \(message)" }
        if let text { words += ": \(text)" }
        return words
    }
}

extension ExplainedStatement {
    fileprivate var lines: [String] {
        var lines: [String] = []
        for call in calls {
            lines.append("calls \(call.function)(\(call.arguments.joined(separator: ", "))), \(call.place)")
        }
        for relation in relations { lines.append("\(relation.access) \(relation.name)") }
        func list(_ name: String, _ values: [String]) {
            var seen: Set<String> = []
            let distinct = values.filter { seen.insert($0).inserted }
            if !distinct.isEmpty { lines.append("\(name) \(distinct.joined(separator: ", "))") }
        }
        list("operators", operators)
        list("types", types)
        list("columns, or functions", attributes)
        list("settings", settings)
        if parameters > 0 { lines.append("parameters \(parameters)") }
        if writes { lines.append("writes") }
        if let undecided { lines.append("cannot be answered for: \(undecided)") }
        return lines + plugins.map(\.line)
    }
}
