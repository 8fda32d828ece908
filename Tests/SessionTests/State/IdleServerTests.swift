import PostgresWire
import Testing

@testable import Session

/// What a server says while nobody has its connection.
@Suite("A server connection that is nobody's")
struct IdleServerTests {
    private static func hear(_ bytes: [UInt8], _ state: ServerState) -> String {
        switch unsafe state.hear(bytes.span.bytes) {
        case .proceed(let consumed): "consumed \(consumed)"
        case .notification(let count): "notification of \(count)"
        case .needMore(let count): "needs \(count)"
        case .failed: "failed"
        }
    }

    private let state = ServerState(ServerIdentity(processID: 1, secret: 2, parameters: ServerParameters()))

    @Test("may give notice")
    func notice() {
        #expect(Self.hear(Frames.message("N", Array("SNOTICE\0\0".utf8)), state) == "consumed 14")
    }

    @Test("may report a parameter, which the next session is told")
    func parameter() {
        #expect(Self.hear(Frames.message("S", Array("TimeZone\0UTC\0".utf8)), state) == "consumed 18")
        #expect(state.parameters["TimeZone"] == "UTC")
    }

    @Test("may notify the session whose state is still on it")
    func notification() {
        let message = Frames.message("A", [0, 0, 0, 1] + Array("channel\0\0".utf8))
        #expect(Self.hear(message, state) == "notification of \(message.count)")
    }

    @Test("is lost when it ends itself, or answers what nobody asked")
    func failure() {
        for message in [Frames.error("57P01", severity: "FATAL"), Frames.ready("I"), Frames.bindComplete] {
            #expect(Self.hear(message, state) == "failed")
        }
    }

    @Test("is understood byte by byte")
    func pieces() {
        let message = Frames.message("S", Array("TimeZone\0UTC\0".utf8))
        for count in 0..<message.count {
            #expect(Self.hear(Array(message.prefix(count)), state) == "needs \(count < 5 ? 5 : message.count)")
        }
    }
}
