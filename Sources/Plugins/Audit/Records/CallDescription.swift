import PluginAPI
import SQLInspection

/// What records say of the calls of PostgresML's functions: the arguments' names and lengths, and the models.
enum CallDescription {
    static let schema = "pgml"
    /// Longer values are cut when they are written at all.
    private static let longestValue = 1024

    /// Whether the statement calls one of PostgresML's functions.
    static func applies(to facts: StatementFacts) -> Bool {
        facts.calls.contains { $0.name.schema == schema }
    }

    /// JSON members, each after a comma; empty where nothing is called.
    ///
    /// - Parameter writesValues: whether the statement's parameters are written too.
    static func members(
        of statement: Int,
        in event: borrowing AdmissionEvent,
        writesValues: Bool
    ) -> [UInt8] {
        let facts = event.statements[statement].facts
        var bytes = ByteBuffer()
        var isFirst = true
        for call in facts.calls where call.name.schema == schema {
            bytes.append(isFirst ? ",\"calls\":[" : ",")
            isFirst = false
            bytes.append("{\"function\":")
            bytes.append(quoted: call.name.description)
            bytes.append(",\"arguments\":[")
            for (index, argument) in call.arguments.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                let names = argumentNames[call.name.name] ?? []
                let name = argument.name ?? (names.indices.contains(index) ? names[index] : "\(index + 1)")
                append(argument.value, name, statement, event, to: &bytes)
            }
            bytes.append("]}")
        }
        if !isFirst { bytes.append(UInt8(ascii: "]")) }
        if writesValues, facts.parameterCount > 0 { appendParameters(facts.parameterCount, event, to: &bytes) }
        return bytes.array
    }

    /// The names of the first arguments, for calls that leave them out.
    private static let argumentNames = [
        "embed": ["transformer", "text", "kwargs"],
        "rank": ["transformer", "query", "documents", "kwargs"],
        "chunk": ["splitter", "text", "kwargs"],
        "transform": ["task", "args", "inputs", "cache"],
        "transform_stream": ["task", "args", "input", "cache"],
        "predict": ["project_name", "features"],
    ]

    // MARK: Arguments

    private static func append(
        _ value: ArgumentValue,
        _ name: String,
        _ statement: Int,
        _ event: borrowing AdmissionEvent,
        to bytes: inout ByteBuffer
    ) {
        bytes.append("{\"name\":")
        bytes.append(quoted: name)
        var elements = 0
        var isArray = false
        if let length = length(of: value, statement, event, &elements, &isArray) {
            bytes.append(",\"length\":")
            bytes.append(decimal: length)
        }
        if isArray {
            bytes.append(",\"elements\":")
            bytes.append(decimal: elements)
        }
        if let text = text(of: value, statement, event), let model = model(in: text, of: name) {
            bytes.append(",\"model\":")
            bytes.append(quoted: model)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Bytes of the value as text, of all elements together; nil where it cannot be told.
    private static func length(
        of value: ArgumentValue,
        _ statement: Int,
        _ event: borrowing AdmissionEvent,
        _ elements: inout Int,
        _ isArray: inout Bool
    ) -> Int? {
        switch value {
        case .array(let values):
            isArray = true
            elements += values.count
            var total = 0
            for value in values {
                var inner = 0
                guard let length = length(of: value, statement, event, &inner, &isArray) else { return nil }
                total += length
            }
            return total
        case .cast(let inner, _): return length(of: inner, statement, event, &elements, &isArray)
        case .null: return 0
        case .constant(let index): return event.value(ofConstant: index, in: statement)?.utf8.count
        case .parameter(let number):
            return switch event.value(ofParameter: number) {
            case .null: 0
            case .text(let text, _): text.utf8.count
            case .binary(let bytes, _): bytes.count
            case .unknown: nil
            }
        case .boolean, .other: return nil
        }
    }

    private static func text(
        of value: ArgumentValue,
        _ statement: Int,
        _ event: borrowing AdmissionEvent
    ) -> String? {
        switch value {
        case .constant(let index): return event.value(ofConstant: index, in: statement)
        case .cast(let inner, _): return text(of: inner, statement, event)
        case .parameter(let number):
            return switch event.value(ofParameter: number) {
            case .text(let text, _): text
            // jsonb's binary form begins with its version.
            case .binary(let bytes, _): String(validating: bytes.first == 1 ? bytes[1...] : bytes[...], as: UTF8.self)
            case .null, .unknown: nil
            }
        case .array, .null, .boolean, .other: return nil
        }
    }

    /// The model that an argument names: as such, or as a member of a task.
    private static func model(in text: String, of name: String) -> String? {
        switch name {
        case "transformer", "model", "model_name", "project_name": text.utf8.count <= 256 ? text : nil
        case "task": JSONMember.string("model", in: text).flatMap { $0.utf8.count <= 256 ? $0 : nil }
        default: nil
        }
    }

    // MARK: Parameters

    private static func appendParameters(_ count: Int, _ event: borrowing AdmissionEvent, to bytes: inout ByteBuffer) {
        bytes.append(",\"parameters\":[")
        for number in 1...count {
            if number > 1 { bytes.append(UInt8(ascii: ",")) }
            switch event.value(ofParameter: number) {
            case .null: bytes.append("{\"null\":true}")
            case .unknown: bytes.append("{}")
            case .binary(let value, _):
                bytes.append("{\"binary\":")
                bytes.append(decimal: value.count)
                bytes.append(UInt8(ascii: "}"))
            case .text(let value, _) where Secrets.areLikely(in: value):
                bytes.append("{\"redacted\":true}")
            case .text(let value, _):
                bytes.append("{\"value\":")
                bytes.append(
                    quoted: value.unicodeScalars.count > longestValue ? String(value.prefix(longestValue)) : value
                )
                bytes.append(UInt8(ascii: "}"))
            }
        }
        bytes.append(UInt8(ascii: "]"))
    }
}
