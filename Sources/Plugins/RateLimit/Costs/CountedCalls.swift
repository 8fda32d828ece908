import SQLInspection

/// The calls of one statement that a limit counts. Found once for each statement whose verdict is kept.
struct CountedCalls {
    /// The function, as the bucket of a limit by function is called.
    let function: String
    /// How often it is called.
    var count: UInt64
    /// What those calls are given to work on.
    var inputs: [ArgumentInput]

    /// By function, in the order of the text.
    static func find(in facts: StatementFacts, of patterns: FunctionPatterns) -> [CountedCalls] {
        var all: [CountedCalls] = []
        func add(_ function: String, _ inputs: [ArgumentInput]) {
            if let known = all.firstIndex(where: { $0.function.utf8.elementsEqual(function.utf8) }) {
                all[known].count += 1
                all[known].inputs += inputs
            } else {
                all.append(CountedCalls(function: function, count: 1, inputs: inputs))
            }
        }
        for call in facts.calls where patterns.match(call.name) {
            add(call.name.description, InputArguments.of(call))
        }
        for attribute in facts.attributes where patterns.match(attribute: attribute.name) {
            add(attribute.name, [ArgumentInput(value: .other, isArray: false)])
        }
        return all
    }
}

/// An argument that is worked on.
struct ArgumentInput {
    let value: ArgumentValue
    /// Whether the function takes an array there.
    let isArray: Bool
}

/// Which of a function's arguments are worked on: those that a model reads.
enum InputArguments {
    private struct Signature {
        let positions: Set<Int>
        let names: Set<String>
        let arrayPositions: Set<Int>
    }

    private static let known: [String: Signature] = [
        // embed(transformer, text | inputs[], kwargs)
        "embed": Signature(positions: [1], names: ["text", "inputs"], arrayPositions: []),
        // rank(transformer, query, documents[], kwargs)
        "rank": Signature(positions: [1, 2], names: ["query", "documents"], arrayPositions: [2]),
        // transform(task, args, inputs[], cache)
        "transform": Signature(positions: [2], names: ["inputs"], arrayPositions: [2]),
        // transform_stream(task, args, input | inputs[], cache)
        "transform_stream": Signature(positions: [2], names: ["input", "inputs"], arrayPositions: []),
    ]

    /// Of a function that is not known, all.
    static func of(_ call: FunctionCall) -> [ArgumentInput] {
        guard let signature = known[call.name.name] else {
            return call.arguments.map { ArgumentInput(value: $0.value, isArray: false) }
        }
        return call.arguments.enumerated().compactMap { position, argument in
            let isInput = argument.name.map { signature.names.contains($0) } ?? signature.positions.contains(position)
            guard isInput else { return nil }
            let isArray = argument.name.map { $0 == "inputs" || $0 == "documents" }
            return ArgumentInput(value: argument.value, isArray: isArray ?? signature.arrayPositions.contains(position))
        }
    }
}
