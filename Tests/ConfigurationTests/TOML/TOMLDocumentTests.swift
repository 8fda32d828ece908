import Testing

@testable import Configuration

@Suite struct TOMLDocumentTests {
    private struct Nothing: Decodable {}

    @Test func `A syntax error has file, line and column`() {
        #expect(
            complaints(about: "a = 1\nb = = 2", as: Nothing.self, file: "etc/gateway.toml") == [
                "etc/gateway.toml:2:5: Error while parsing value: could not determine value type"
            ]
        )
    }

    @Test(arguments: [
        "password = fs3cret", "password = 12345678901234567890", "password = \"s\"3cret", "password = 0xs3cret",
    ])
    func `A syntax error quotes nothing of what may be a password`(text: String) {
        let message = complaints(about: text, as: Nothing.self).first?.split(separator: " ", maxSplits: 1).last ?? ""
        #expect(!message.contains("s3") && !message.contains("saw") && !message.contains("1234"))
    }

    @Test func `A key that is there twice is a syntax error`() {
        #expect(complaints(about: "a = 1\na = 2", as: Nothing.self).first?.hasPrefix("gateway.toml:2:") == true)
    }

    @Test func `A string that holds a NUL is refused instead of cut off`() {
        #expect(
            complaints(about: "a = 1\nb = \"x\\u0000y\"", as: Nothing.self) == [
                "gateway.toml:2: a NUL character cannot be part of a setting; remove it"
            ]
        )
    }

    @Test func `A table that asks for nothing may hold nothing`() {
        #expect(
            complaints(about: "a = 1", as: Nothing.self) == ["gateway.toml:1: a: is not a known key; remove it"]
        )
    }

    @Test func `A file that others can change is refused with the command that mends it`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("a = 1", to: "gateway.toml", mode: 0o664)
        #expect(
            throws: ConfigurationErrors([
                ConfigurationError(
                    file: file,
                    message: "can be changed by others than its owner; run: chmod go-w \(file)"
                )
            ])
        ) { try TOMLDocument(contentsOf: file) }
    }

    @Test func `A file that is not there, no file, or not UTF-8 is refused`() throws {
        let directory = try TemporaryDirectory()
        #expect(try message(of: "\(directory.path)/none.toml") == "cannot be opened: No such file or directory")
        #expect(try message(of: directory.path) == "is not a file")
        let large = try directory.write(String(repeating: "#", count: 1 << 20 + 1), to: "large.toml")
        #expect(try message(of: large) == "is larger than 1MiB")
    }

    private func message(of path: String) throws -> String? {
        do {
            _ = try TOMLDocument(contentsOf: path)
            return nil
        } catch {
            return error.errors.first?.message
        }
    }
}
