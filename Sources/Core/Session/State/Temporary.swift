import SQLInspection
import PluginAPI

extension SessionSettings {
    var hash: Int { values.hashValue }
    func isSame(as other: SessionSettings) -> Bool { self === other || values == other.values }
    var parsing: SessionSettings { self }
    func setting(_ changes: [String: String?]) -> SessionSettings {
        var values = values
        for (name, value) in changes { values[name] = value }
        return SessionSettings(values)
    }
    func difference(from server: SessionSettings, unknown: Set<String>) -> (set: [ServerErrand.Setting], reset: [String]) {
        var set: [ServerErrand.Setting] = []
        for (name, value) in values where server.values[name] != value || unknown.contains(name) {
            set.append(.init(name: name, value: value))
        }
        let reset = Swift.Set(server.values.keys).union(unknown).filter { values[$0] == nil }
        return (set, Array(reset))
    }
}
extension StatementEffects {
    static let anything = StatementEffects(changesUnknownSettings: true)
    init(of facts: StatementFacts, constants: some ConstantSource) { self.init() }
    mutating func append(_ other: StatementEffects) {}
    var callsUnknownFunctions: Bool { changesUnknownSettings }
}
extension ServerErrand {
    static func quoted(_ text: String) -> String { "E'" + text + "'" }
}
extension Verdict {
    func freezesMoment(in text: [UInt8]) -> Bool { false }
}
