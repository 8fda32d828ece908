import PluginAPI
import PluginTestKit
import PostgresWire
import Testing

/// Lets statements run from one hour of the day to another, but for users who may always run them.
private struct WorkingHours: AdmissionDecider {
    static let kind = "working-hours"

    struct Configuration: Decodable {
        var from: Int
        var to: Int
        var except: Set<String>?
    }

    private let hours: Range<Int>
    private let except: Set<String>
    private let wallClock: @Sendable () -> Duration

    init(configuration: Configuration, context: PluginContext) throws {
        let (from, to) = (configuration.from, configuration.to)
        guard from >= 0, from < to, to <= 24 else {
            throw PluginConfigurationError(at: ["to"], "no hour is from \(from) to \(to); write hours such as 8 and 18")
        }
        hours = from..<to
        except = configuration.except ?? []
        wallClock = context.wallClock
    }

    func gate(for session: SessionIdentity) -> any AdmissionGate {
        Gate(hours: except.contains(session.user) ? 0..<24 : hours, wallClock: wallClock)
    }

    private final class Gate: AdmissionGate {
        private let hours: Range<Int>
        private let wallClock: @Sendable () -> Duration

        init(hours: Range<Int>, wallClock: @escaping @Sendable () -> Duration) {
            self.hours = hours
            self.wallClock = wallClock
        }

        func admit(_ event: borrowing AdmissionEvent) -> AdmissionVerdict {
            let hour = Int(wallClock().components.seconds / 3600 % 24)
            if event.isRefused || hours.contains(hour) { return .forward }
            let message = "statements run from \(hours.lowerBound) to \(hours.upperBound) o'clock UTC, it is \(hour)"
            return .deny(.ofLimit(message, rule: "to", hint: "Try again then, or have the user listed in `except`."))
        }

        /// What was let pass has ended: nothing is counted.
        func release(sessionNumber: Int) {}
    }
}

/// The gate that docs/plugins.md shows.
@Suite struct GateExampleTests {
    @Test(arguments: [("pg", 7, true), ("pg", 8, false), ("pg", 17, false), ("pg", 18, true), ("night", 18, false)])
    func `Statements run in their hours`(user: String, hour: Int, isRefused: Bool) throws {
        let session = SessionIdentity(user: user, database: "pgml", applicationName: "", address: "::1")
        let harness = PluginHarness([try plugin(from: 8, to: 18, at: hour)], session: session)
        switch harness.admit("SELECT 1", at: 0) {
        case .forwarded:
            #expect(!isRefused)
        case .denied(let error):
            #expect(isRefused)
            #expect(error.message == "statements run from 8 to 18 o'clock UTC, it is \(hour)")
            #expect(error.sqlState == .configurationLimitExceeded)
        case .delayed, .pending:
            Issue.record("nobody is to wait")
        }
    }

    @Test(arguments: [(18, 8), (8, 8), (-1, 8), (8, 25)])
    func `Hours that are none are refused`(from: Int, to: Int) {
        #expect(throws: PluginConfigurationError.self) { try plugin(from: from, to: to, at: 0) }
    }

    @Test func `It does what every plugin must`() throws {
        #expect(try PluginConformance { try plugin(from: 8, to: 18, at: 0) }.violations() == [])
    }

    private func plugin(from: Int, to: Int, at hour: Int) throws -> WorkingHours {
        try WorkingHours(
            configuration: .init(from: from, to: to, except: ["night"]),
            context: .testing { .seconds(hour * 3600) }
        )
    }
}
