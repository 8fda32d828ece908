import Testing

@testable import Engine

/// One pass's pieces arrive in order and in one `send`: told by what a receiver that is asked once gets.
@Suite struct GatheredPiecesTests {
    let reactor: Reactor
    let loopback = Loopback()
    let buffer = GatherBuffer()

    init() throws { reactor = try Reactor(index: 0) }

    /// What arrives of `input` when `body` has added its pieces.
    private func arrived(
        of input: String,
        _ body: (inout GatheredPieces, RawSpan, Connection) -> Void
    ) throws -> String {
        let (near, far) = try loopback.pair()
        let connection = Connection(descriptor: near, reactor: reactor)
        try reactor.add(connection, interest: .read)
        let bytes = Array(input.utf8)
        let span = unsafe bytes.span.bytes
        var pieces = GatheredPieces(in: buffer)
        body(&pieces, span, connection)
        pieces.send(from: span, to: connection)
        #expect(pieces.isEmpty)
        reactor.remove(connection)
        return String(decoding: receive(from: far).bytes, as: UTF8.self)
    }

    @Test func aStretchIsSentFromWhereItIs() throws {
        let text = try arrived(of: "hello world") { pieces, input, receiver in
            pieces.add(0..<5, of: input, to: receiver)
            #expect(buffer.isEmpty)
        }
        #expect(text == "hello")
    }

    @Test func stretchesThatTouchAreOne() throws {
        let text = try arrived(of: "hello world") { pieces, input, receiver in
            pieces.add(0..<5, of: input, to: receiver)
            pieces.add(5..<11, of: input, to: receiver)
            #expect(buffer.isEmpty)
        }
        #expect(text == "hello world")
    }

    @Test func piecesKeepTheirOrder() throws {
        let text = try arrived(of: "hello cruel world") { pieces, input, receiver in
            pieces.add(0..<5, of: input, to: receiver)
            pieces.add(Array(", ".utf8), after: input, to: receiver)
            pieces.add(12..<17, of: input, to: receiver)
            pieces.add(Array("!".utf8), after: input, to: receiver)
        }
        #expect(text == "hello, world!")
    }

    @Test func nothingIsHeldBackBeyondABuffer() throws {
        _ = try arrived(of: "") { pieces, input, receiver in
            pieces.add([UInt8](repeating: 0x61, count: GatherBuffer.capacity), after: input, to: receiver)
            #expect(buffer.isEmpty)
        }
    }
}
