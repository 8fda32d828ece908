import PluginAPI
import PluginTestKit
import PostgresWire
import Testing

@testable import MaxCalls

@Suite struct MaxCallsTests {
    private let harness: PluginHarness

    init() throws {
        harness = PluginHarness([try plugin(["embed": 2])])
    }

    @Test func `A statement may call a function as often as the file says`() {
        let text = "SELECT pgml.embed('m', 'a'), pgml.embed('m', 'b'), lower('c')"
        #expect(harness.judge(text) == .forwarded(text))
    }

    @Test(arguments: [
        "SELECT pgml.embed('m', 'a'), pgml.embed('m', 'b'), pgml.embed('m', 'c')",
        "SELECT embed('m', 'a'), \"embed\"('m', 'b') FROM x WHERE EXISTS (SELECT pgml.embed('m', 'c'))",
        "SELECT embed('m', 'a'), x.embed, (x).embed FROM x",
    ])
    func `One call more is refused, wherever it stands`(text: String) throws {
        let error = try #require(refusal(of: text))
        #expect(error.message == "a statement may not call embed more than 2 times")
        #expect(error.detail == "Refused by rule \"functions\" of plugins.d/1.toml.")
    }

    @Test func `The error points at the call`() throws {
        let error = try #require(refusal(of: "SELECT embed('a'), embed('b'), embed('c')"))
        #expect(error.position == 32)
    }

    @Test(arguments: [[:], ["embed": 0]])
    func `A limit that makes no sense is refused`(functions: [String: Int]) {
        #expect(throws: PluginConfigurationError.self) { try plugin(functions) }
    }

    @Test func `It does what every plugin must`() throws {
        #expect(try PluginConformance { try plugin(["embed": 2]) }.violations() == [])
    }

    private func refusal(of text: String) -> ErrorResponse? {
        guard case .denied(let error) = harness.judge(text) else { return nil }
        return error
    }
}

private func plugin(_ functions: [String: Int]) throws -> MaxCalls {
    try MaxCalls(configuration: .init(functions: functions), context: .testing)
}
