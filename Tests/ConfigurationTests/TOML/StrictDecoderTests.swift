import PluginAPI
import Testing

@testable import Configuration

private enum Colour: String, Decodable, CaseIterable {
    case red, green, blue
}

private struct Rule: Decodable, Equatable {
    let name: String
    let models: [String]?
    let colour: Colour?
    let wait: Duration?
}

private struct Rules: Decodable, Equatable {
    let rules: [Rule]
    let settings: [String: [Int]]
    let ratio: Double
    let most: UInt8
    let on: Bool
}

private let valid = """
    ratio = 1
    most = 255
    on = true
    [settings]
    a = [1, 2]
    "b.c" = []
    [[rules]]
    name = "one"
    models = ["x"]
    colour = "blue"
    wait = "500ms"
    [[rules]]
    name = "two"
    """

@Suite struct StrictDecoderTests {
    @Test func `Tables, arrays, dictionaries, enumerations and absent keys decode`() throws {
        let rules = try TOMLDocument(text: valid, file: "x.toml").decode(Rules.self)
        let first = Rule(name: "one", models: ["x"], colour: .blue, wait: .milliseconds(500))
        let second = Rule(name: "two", models: nil, colour: nil, wait: nil)
        let settings = ["a": [1, 2], "b.c": []]
        #expect(rules == Rules(rules: [first, second], settings: settings, ratio: 1, most: 255, on: true))
    }

    @Test(arguments: [
        ("ratio = 1", "ratio = \"1\"", "1: ratio: found a string, needs a number; write ratio = 1"),
        ("ratio = 1", "ratio = nan", "1: ratio: is not finite; write 1.0"),
        ("most = 255", "most = 256", "2: most: 256 is out of range; write an integer from 0 to 255"),
        ("most = 255", "most = 1.5", "2: most: found a floating-point number, needs an integer; write most = 1"),
        ("most = 255", "most = 1979-05-27", "2: most: found a date or time, needs an integer; write most = 1"),
        ("on = true", "on = 1", "3: on: found an integer, needs a boolean; write on = true or false"),
        ("a = [1, 2]", "a = [1, \"2\"]", "5: settings.a[1]: found a string, needs an integer; write 2"),
        ("a = [1, 2]", "a = 1", "5: settings.a: found an integer, needs an array; write a = […]"),
        (
            "\"b.c\" = []", "\"b.c\" = {}",
            "6: settings.\"b.c\": found a table, needs an array; write [[settings.\"b.c\"]]"
        ),
        ("name = \"two\"", "name = 2", "13: rules[1].name: found an integer, needs a string; write name = \"…\""),
        (
            "\"blue\"", "\"bleu\"",
            "10: rules[0].colour: \"bleu\" is not known here; write \"red\", \"green\" or \"blue\""
        ),
        ("\"blue\"", "7", "10: rules[0].colour: found an integer, needs a string; write colour = \"…\""),
        ("\"500ms\"", "500", "11: rules[0].wait: 500 has no unit; write \"500s\" or \"500ms\""),
        ("models = ", "modles = ", "9: rules[0].modles: is not a known key; write models"),
        (
            "colour = \"blue\"", "x = \"blue\"",
            "10: rules[0].x: is not a known key; known are colour, models, name and wait"
        ),
    ])
    func `A mistake is told with line, key and remedy`(original: String, mistake: String, line: String) {
        let text = replacing(original, with: mistake)
        #expect(complaints(about: text, as: Rules.self, file: "x.toml") == ["x.toml:\(line)"])
    }

    @Test func `A missing key has the line of its table`() {
        let text = replacing("name = \"two\"", with: "models = []")
        #expect(
            complaints(about: text, as: Rules.self) == [
                "gateway.toml:12: rules[1].name: is missing; write name = \"…\""
            ]
        )
    }

    @Test func `A key that only a branch not taken would read has no effect, and that is an error`() {
        struct Either: Decodable {
            enum CodingKeys: CodingKey { case kind, size }

            init(from decoder: any Decoder) throws {
                let table = try decoder.container(keyedBy: CodingKeys.self)
                if try table.decode(String.self, forKey: .kind) == "sized" {
                    _ = try table.decode(Int.self, forKey: .size)
                }
            }
        }
        #expect(
            complaints(about: "kind = \"plain\"\nsize = 3", as: Either.self) == [
                "gateway.toml:2: size: has no effect together with the keys beside it; remove it"
            ]
        )
    }

    @Test func `A type's own complaint has the place that it names, and PluginAPI's too`() {
        struct Even: Decodable {
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if try container.decode(Int.self) % 2 == 0 { return }
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "is odd; write 2")
            }
        }
        struct Numbers: Decodable {
            let even: [Even]
        }
        struct Refusing: Decodable {
            init(from decoder: any Decoder) throws {
                throw PluginConfigurationError(at: ["even", "1", "x"], "is wrong; write nothing")
            }
        }
        let text = "even = [\n1,\n2,\n3]"
        #expect(
            complaints(about: text, as: Numbers.self) == [
                "gateway.toml:2: even[0]: is odd; write 2", "gateway.toml:4: even[2]: is odd; write 2",
            ]
        )
        #expect(
            complaints(about: text, as: Refusing.self).first == "gateway.toml:3: even[1]: is wrong; write nothing"
        )
    }

    @Test func `An enumeration with values takes its own cases and no others`() throws {
        enum Shape: Decodable, Equatable {
            case circle(radius: Int), square(side: Int)
        }
        let circle = try TOMLDocument(text: "circle = { radius = 1 }", file: "x.toml").decode(Shape.self)
        #expect(circle == .circle(radius: 1))
        #expect(
            complaints(about: "circle = { radius = 1 }\ncolour = 1", as: Shape.self) == [
                "gateway.toml:2: colour: is not a known key; known is circle"
            ]
        )
    }

    @Test func `Elements that nobody reads are errors`() {
        struct Pair: Decodable {
            init(from decoder: any Decoder) throws {
                var elements = try decoder.unkeyedContainer()
                _ = try (elements.decode(Int.self), elements.decode(Int.self))
            }
        }
        let text = "a = [1, 2]\nb = [1, 2, 3]\nc = [1]"
        #expect(
            complaints(about: text, as: [String: Pair].self) == [
                "gateway.toml:3: c: has too few elements; add more"
            ]
        )
        #expect(
            complaints(about: String(text.dropLast(8)), as: [String: Pair].self) == [
                "gateway.toml:2: b: has more elements than are read; remove the last 1"
            ]
        )
    }

    @Test func `A type may try one form after another`() throws {
        struct OneOrMore: Decodable {
            let values: [String]

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                values = try (try? container.decode(String.self)).map { [$0] } ?? container.decode([String].self)
            }
        }
        let document = try TOMLDocument(text: "a = \"x\"\nb = [\"y\", \"z\"]", file: "x.toml")
        let decoded = try document.decode([String: OneOrMore].self)
        #expect(decoded.mapValues(\.values) == ["a": ["x"], "b": ["y", "z"]])
        #expect(
            complaints(about: "a = 1\nb = [1]", as: [String: OneOrMore].self) == [
                "gateway.toml:1: a: found an integer, needs an array; write a = […]",
                "gateway.toml:2: b[0]: found an integer, needs a string; write \"…\"",
            ]
        )
    }

    @Test func `A complaint about a placeholder is not told`() {
        struct Positive: Decodable {
            let number: Int
            enum CodingKeys: CodingKey { case number }

            init(from decoder: any Decoder) throws {
                number = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .number)
                if number == 0 { throw PluginConfigurationError(at: ["number"], "is zero; write 1") }
            }
        }
        #expect(complaints(about: "number = 0", as: Positive.self) == ["gateway.toml:1: number: is zero; write 1"])
        #expect(
            complaints(about: "number = \"0\"", as: Positive.self) == [
                "gateway.toml:1: number: found a string, needs an integer; write number = 0"
            ]
        )
    }

    private func replacing(_ original: String, with mistake: String) -> String {
        guard let range = valid.firstRange(of: original) else { return valid }
        return valid[..<range.lowerBound] + mistake + valid[range.upperBound...]
    }
}
