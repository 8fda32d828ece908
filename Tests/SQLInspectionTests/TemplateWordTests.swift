import Testing

@testable import SQLInspection

@Suite("Templates, eight bytes at a time")
struct TemplateWordTests {
    @Test("Every byte ends a name in a word as it does alone, whatever stands beside it", arguments: 0..<8)
    func namesInWords(place: Int) {
        for neighbour: UInt8 in [0x00, 0x41, 0x5A, 0x7F, 0x80, 0xFF] {
            for byte in UInt8.min ... .max {
                var bytes = [UInt8](repeating: neighbour, count: 8)
                bytes[place] = byte
                let ends = unsafe bytes.span.bytes.word(at: 0).bytesEndingName
                let isEnd = ends >> UInt64(8 * place + 7) & 1 == 1
                #expect(isEnd != byte.continuesName, "0x\(String(byte, radix: 16)) beside \(neighbour)")
            }
        }
    }

    @Test("A name ends at the same byte however far the text goes on", arguments: 0..<20)
    func endsOfNames(length: Int) {
        for rest in 0..<12 {
            let text = [UInt8](repeating: UInt8(ascii: "n"), count: length) + [UInt8](repeating: .space, count: rest)
            #expect(unsafe text.span.bytes.endOfName(from: 0) == length)
        }
    }

    @Test("A template's key is that of no text with one byte changed, added or missing", arguments: 0..<28)
    func differences(length: Int) {
        let text = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        let key = unsafe TemplateKey.bytes(text.span.bytes, [])
        let hash = unsafe TemplateKey.hash(text.span.bytes, [], key: 1)
        #expect(unsafe TemplateKey.matches(key.span.bytes, text.span.bytes, []))
        var others = [text + [UInt8(ascii: "x")], text + [0]]
        for place in 0..<length {
            var changed = text
            changed[place] = UInt8(ascii: "_")
            others.append(changed)
            changed.remove(at: place)
            others.append(changed)
        }
        for other in others {
            #expect(unsafe !TemplateKey.matches(key.span.bytes, other.span.bytes, []))
            #expect(unsafe TemplateKey.hash(other.span.bytes, [], key: 1) != hash)
        }
    }

    @Test(
        "Integers are classed by their value at every number of digits",
        arguments: [
            ("0", .int4), ("999999999", .int4), ("1000000000", .int4), ("2147483647", .int4), ("2147483648", nil),
            ("2147483649", .int8), ("9999999999", .int8), ("9223372036854775807", .int8), ("9223372036854775808", nil),
            ("9223372036854775809", .wideInteger), ("99999999999999999999", .wideInteger),
        ] as [(String, Slot.Class?)]
    )
    func integers(digits: String, kind: Slot.Class?) {
        let text = Array(digits.utf8)
        #expect(unsafe text.span.bytes.integerClass(0..<text.count) == kind)
    }
}
