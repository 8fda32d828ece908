import Testing

@testable import Configuration

@Suite struct TOMLKeyIndexTests {
    private let text = #"""
        # a comment with = and [brackets]
        top = 1
        dotted.key . "quoted.key" = 2
        'literal "key"' = "a # is no comment"

        [table]
        text = """
        not_a_key = 1
        [not_a_table]
        five quotes: """""
        literal = '''
        not_a_key = 1'''
        escaped = "a \" = [ \\"
        after = 1979-05-27 07:32:00

        [[users]] # the first
        name = "a"
        databases = [
            "one", # a comment, with a comma
            "two",
            ["three"], { four = 4 },
        ]
        [[users]]
        point = { x = 1, y.z = [1, 2], "q" = "}" }
        [users.inner]
        deep = true
        [[users.list]]
        n = 1
        [[users.list]]
        n = 2
        [ spaced . "out" ]
        k=1
        """#

    @Test(arguments: [
        ("top", 2), ("dotted", 3), ("dotted.key", 3), (#"dotted.key."quoted.key""#, 3), (#""literal "key"""#, 4),
        ("table", 6), ("table.text", 7), ("table.literal", 11), ("table.escaped", 13), ("table.after", 14),
        ("users", 16), ("users[0]", 16), ("users[0].name", 17), ("users[0].databases", 18),
        ("users[0].databases[0]", 19), ("users[0].databases[1]", 20), ("users[0].databases[2][0]", 21),
        ("users[0].databases[3].four", 21), ("users[1]", 23), ("users[1].point.x", 24), ("users[1].point.y.z[1]", 24),
        ("users[1].point.q", 24), ("users[1].inner", 25), ("users[1].inner.deep", 26), ("users[1].list[0].n", 28),
        ("users[1].list[1]", 29), ("users[1].list[1].n", 30), ("spaced.out", 31), ("spaced.out.k", 32),
    ])
    func `A key is found on its line`(key: String, line: Int) {
        let lines = TOMLKeyIndex(text: text).lines
        #expect(lines.first { $0.key.description == key }?.value == line)
    }

    @Test func `Every value that the parser finds has a line, and no other has`() throws {
        let document = try TOMLDocument(text: text, file: "x.toml")
        #expect(paths(of: document.root, at: .root) == Set(document.index.lines.keys))
    }

    @Test func `Windows line ends and a byte order mark change nothing`() {
        let windows =
            "\u{FEFF}" + text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        #expect(TOMLKeyIndex(text: windows).lines == TOMLKeyIndex(text: text).lines)
    }

    @Test func `What is missing has the line of the table around it`() {
        let index = TOMLKeyIndex(text: "\n[a]\n[[b]]\nc = []")
        #expect(index.line(of: .root + "a" + "missing" + "too") == 2)
        #expect(index.line(of: .root + "b" + 0 + "c" + 7) == 4)
        #expect(index.line(of: .root + "missing") == nil)
    }

    /// The parser comes first, but a scanner that hangs or traps on what it refuses would still be one too many.
    @Test func `No beginning of a text, valid or not, stops the scanner`() {
        let scalars = Array(text.unicodeScalars)
        for length in 0...scalars.count {
            var beginning = String.UnicodeScalarView()
            beginning.append(contentsOf: scalars[..<length])
            _ = TOMLKeyIndex(text: String(beginning))
        }
        for odd in ["[", "[[", "]", "=", "a", "a.", "a=", "a=[", "a={", "a=\"\\", "a=\"\\u12", "\u{0}", ".=", "[]]\n}"]
        {
            _ = TOMLKeyIndex(text: odd)
        }
    }

    private func paths(of node: TOMLNode, at path: TOMLPath) -> Set<TOMLPath> {
        var paths: Set<TOMLPath> = path == .root ? [] : [path]
        switch node {
        case .table(let table):
            for (key, value) in table { paths.formUnion(self.paths(of: value, at: path + key)) }
        case .array(let array):
            for (index, value) in array.enumerated() { paths.formUnion(self.paths(of: value, at: path + index)) }
        case .string, .integer, .float, .boolean, .date:
            break
        }
        return paths
    }
}
