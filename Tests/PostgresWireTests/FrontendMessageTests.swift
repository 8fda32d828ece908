import PostgresWire
import Testing

@Suite("Messages from the frontend")
struct FrontendMessageTests {
    private static let bind: [UInt8] =
        Array("portal\0stmt\0".utf8)
        + [0, 2, 0, 0, 0, 1]  // formats: text, binary
        + [0, 3, 0, 0, 0, 2, 65, 66, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 67]
        + [0, 1, 0, 1]

    @Test("the first NUL is found wherever it stands, and no byte is taken for one", arguments: 0...20)
    func firstNull(position: Int) {
        // 0x80 and 0x01 are what arithmetic on eight bytes at a time could confuse with it.
        for filler in [0x01, 0x41, 0x80, 0xff] as [UInt8] {
            let bytes = Array(repeating: filler, count: position) + [0, 0x01, 0, filler, 0x80, 0, 0, 0, 0, 0]
            for start in 0...position {
                #expect(unsafe bytes.span.bytes.firstNull(from: start) == position)
            }
            let without = Array(bytes[..<position])
            #expect(unsafe without.span.bytes.firstNull(from: 0) == nil)
        }
    }

    @Test("a Bind is read where it lies")
    func bindLayout() throws {
        let message = try unsafe BindMessage(Self.bind.span.bytes)
        let body = Self.bind
        #expect(unsafe body.span.bytes.string(message.portal) == "portal")
        #expect(unsafe body.span.bytes.string(message.statement) == "stmt")
        #expect(message.parameters.count == 3)
        #expect(unsafe body.span.bytes.string(try #require(message.parameters[0])) == "AB")
        #expect(message.parameters[1] == nil)
        #expect(message.format(of: 0) == 0)
        #expect(message.format(of: 1) == 1)
        #expect(message.format(of: 2) == nil, "two formats say nothing about a third parameter")
    }

    @Test("a Bind that ends anywhere before its end is malformed")
    func truncatedBind() {
        for count in 0..<Self.bind.count {
            let part = Array(Self.bind[..<count])
            #expect(throws: MalformedMessage.self) { try unsafe BindMessage(part.span.bytes) }
        }
        let longer = Self.bind + [0]
        #expect(throws: MalformedMessage.self) { try unsafe BindMessage(longer.span.bytes) }
    }

    @Test(
        "a Bind that lies about its lengths is malformed",
        arguments: [
            Array("\0\0".utf8) + [0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff, 0, 0],
            Array("\0\0".utf8) + [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe, 0, 0],
            Array("\0\0".utf8) + [0xff, 0xff, 0, 0, 0, 0],
            Array("\0\0".utf8) + [0, 0, 0xff, 0xff, 0, 0],
        ]
    )
    func lyingBind(body: [UInt8]) {
        #expect(throws: MalformedMessage.self) { try unsafe BindMessage(body.span.bytes) }
    }

    @Test("one format stands for all parameters, none for text")
    func formats() throws {
        let one: [UInt8] = [0, 0, 0, 1, 0, 1, 0, 0, 0, 0]
        #expect(try unsafe BindMessage(one.span.bytes).format(of: 5) == 1)
        let none: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        #expect(try unsafe BindMessage(none.span.bytes).format(of: 5) == 0)
    }

    @Test("a Parse is read where it lies, and malformed when anything is missing or left over")
    func parse() throws {
        let body = Array("s\0SELECT $1\0".utf8) + [0, 1, 0, 0, 0, 25]
        let message = try unsafe ParseMessage(body.span.bytes)
        #expect(unsafe body.span.bytes.string(message.text) == "SELECT $1")
        #expect(unsafe message.parameterTypes(in: body.span.bytes) == [25])
        for count in 0..<body.count {
            let part = Array(body[..<count])
            #expect(throws: MalformedMessage.self) { try unsafe ParseMessage(part.span.bytes) }
        }
        let missing = Array("s\0t\0".utf8) + [0xff, 0xff]
        #expect(throws: MalformedMessage.self) { try unsafe ParseMessage(missing.span.bytes) }
    }

    @Test("a Parse may declare as many types as its count can say")
    func manyTypes() throws {
        let body = Array("\0t\0".utf8) + [0xff, 0xff] + [UInt8](repeating: 0, count: 4 * 65_535)
        #expect(try unsafe ParseMessage(body.span.bytes).typeCount == 65_535)
    }

    @Test("Describe and Close name a statement or a portal and nothing else")
    func targets() throws {
        let portal = Array("Pp\0".utf8)
        #expect(try unsafe TargetMessage(portal.span.bytes, tag: .describe).target == .portal)
        for body in [Array("Xp\0".utf8), Array("Sp".utf8), Array("Sp\0q\0".utf8), []] {
            #expect(throws: MalformedMessage.self) { try unsafe TargetMessage(body.span.bytes, tag: .close) }
        }
    }
}

@Suite("Messages to the frontend")
struct BackendMessageTests {
    @Test("an error's fields can be read back")
    func errorFields() {
        var bytes: [UInt8] = []
        bytes.append(
            ErrorResponse(.insufficientPrivilege, "no", detail: "because", hint: "ask", position: 3)
        )
        let body = Array(bytes[5...])
        for (code, value) in [
            ("S", "ERROR"), ("V", "ERROR"), ("C", "42501"), ("M", "no"), ("D", "because"), ("P", "3"),
        ] {
            #expect(unsafe ErrorFields.value(Unicode.Scalar(code)!, in: body.span.bytes) == value)
        }
        #expect(unsafe ErrorFields.value("F", in: body.span.bytes) == nil)
    }

    @Test("a NUL in an error's words does not end the field early")
    func embeddedNull() {
        var bytes: [UInt8] = []
        bytes.append(ErrorResponse(.internalError, "a\0b", hint: "c"))
        let body = Array(bytes[5...])
        #expect(unsafe ErrorFields.value("M", in: body.span.bytes) == "ab")
        #expect(unsafe ErrorFields.value("H", in: body.span.bytes) == "c")
    }

    @Test("a truncated error has no fields beyond its end")
    func truncatedError() {
        let body = Array("SERROR\0C425".utf8)
        #expect(unsafe ErrorFields.value("S", in: body.span.bytes) == "ERROR")
        #expect(unsafe ErrorFields.value("C", in: body.span.bytes) == nil)
    }
}
