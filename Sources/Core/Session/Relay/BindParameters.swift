import PluginAPI
import PostgresWire

/// The parameters of a Bind that somebody asked for, decoded.
struct BindParameters: ParameterSource {
    let count: Int
    private let values: [Int: ParameterValue]

    init(_ message: BindMessage, _ body: RawSpan, wanted: Set<Int>, types: [UInt32]) {
        count = message.parameters.count
        var values: [Int: ParameterValue] = [:]
        for number in wanted where message.parameters.indices.contains(number - 1) {
            values[number] = Self.value(message, body, index: number - 1, types: types)
        }
        self.values = values
    }

    init(all message: BindMessage, _ body: RawSpan, types: [UInt32]) {
        self.init(message, body, wanted: Set(message.parameters.indices.map { $0 + 1 }), types: types)
    }

    func value(ofParameter number: Int) -> ParameterValue { values[number] ?? .unknown }

    private static func value(
        _ message: BindMessage,
        _ body: RawSpan,
        index: Int,
        types: [UInt32]
    ) -> ParameterValue {
        guard let range = message.parameters[index] else { return .null }
        let type = index < types.count ? types[index] : 0
        switch message.format(of: index) {
        case 0:
            let bytes = body.array(range)
            guard let text = String(validating: bytes, as: UTF8.self) else { return .unknown }
            return .text(text, type: type)
        case 1:
            return .binary(body.array(range), type: type)
        default:
            return .unknown
        }
    }
}
