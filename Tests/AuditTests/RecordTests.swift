import PluginAPI
import PostgresWire
import Testing

@testable import Audit

@Suite("What a record says")
struct RecordTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// The records of a type, without what is another in each run.
    private func records(_ type: String) throws -> [String] {
        try folder.lines().filter { $0.contains("\"type\":\"\(type)\"") }.map { line in
            let start = try #require(line.firstRange(of: "\"type\""))
            let end = try #require(line.firstRange(of: ",\"mac\""))
            return String(line[start.lowerBound..<end.lowerBound])
        }
    }

    private let who =
        #","session":"1-0-7","user":"pg","database":"pgml","application":"app\"1","address":"10.0.0.1""#

    @Test("What a client calls itself ends no string and no line, whatever takes what for the end of a line")
    func quoted() {
        var bytes = ByteBuffer()
        bytes.append(quoted: "a\"\\\n\r\t\u{1}\u{7f}\u{85}\u{2028}\u{2029}é☃")
        let expected = #""a\"\\\n\r\t\u0001\u007f\u0085\u2028\u2029é☃""#
        #expect(String(decoding: bytes.array, as: UTF8.self) == expected)
    }

    @Test("Who, what, and how it ended: constants are left out")
    func allowed() throws {
        let desk = try Desk(folder)
        try desk.run("SELECT lower('hush')")
        desk.audit.finish()
        #expect(
            try records("statement") == [
                #""type":"statement"\#(who),"kinds":["SELECT"],"fingerprint":"000000000000feed","#
                    + #""functions":["lower"],"text":"SELECT lower($1)","verdict":"allowed","rows":1,"bytes":89,"#
                    + #""duration_us":1234"#
            ]
        )
        #expect(try folder.lines().contains { $0.contains("hush") } == false)
    }

    @Test("Failed, cancelled, aborted and denied, each in its words and with its place")
    func ends() throws {
        let desk = try Desk(folder)
        try desk.run("SELECT 1; SELECT 2", .failed(SQLState(rawValue: "22012")))
        try desk.run("SELECT 1", .cancelled)
        try desk.run("SELECT 1", .aborted)
        try desk.run("SELECT 1", .unanswered)
        let denied = Outcome.Denied(sqlState: .insufficientPrivilege, message: "no", file: "a.toml", rule: "functions")
        try desk.run("SELECT 1", .denied(denied))
        let quoting = Outcome.Denied(sqlState: .syntaxError, message: "at or near \"hush\"", file: nil, rule: nil)
        desk.tell(nil, .denied(quoting))
        desk.audit.finish()
        let found = try records("statement")
        #expect(found.count == 7)
        #expect(
            found[0].hasSuffix(#""place":[0,2],"verdict":"failed","sqlstate":"22012","bytes":89,"duration_us":1234"#)
        )
        #expect(found[1].contains(#""place":[1,2],"#))
        #expect(found[2].contains(#""verdict":"cancelled","sqlstate":"57014","#))
        #expect(found[3].contains(#""verdict":"aborted","#))
        #expect(found[4].contains(#""verdict":"unanswered","#))
        #expect(
            found[5].hasSuffix(
                #""verdict":"denied","sqlstate":"42501","message":"no","file":"a.toml","rule":"functions""#
            )
        )
        #expect(found[6] == #""type":"statement"\#(who),"verdict":"denied","sqlstate":"42601""#)
    }

    @Test("Calls of PostgresML's functions: names and lengths of arguments, and models")
    func calls() throws {
        let desk = try Desk(folder)
        try desk.run("SELECT pgml.embed('intfloat/e5-small', 'hush hush')")
        try desk.run(
            #"SELECT pgml.transform(task => '{"task": "a", "model": "gpt2"}'::jsonb, inputs => ARRAY['ab', 'cde'])"#
        )
        try desk.run("SELECT pgml.transform_stream('conversational', '{}', 'hush')")
        let statements = try Desk.statements("SELECT pgml.embed($1, $2)")
        let notes = AdmissionNotes()
        _ = desk.gate.admit(desk.event(statements, notes, ["the-model", "12345"]))
        desk.tell(statements[0], .aborted, notes)
        desk.audit.finish()
        let found = try records("statement")
        #expect(
            found[0].contains(
                #""calls":[{"function":"pgml.embed","arguments":[{"name":"transformer","length":17,"#
                    + #""model":"intfloat/e5-small"},{"name":"text","length":9}]}]"#
            )
        )
        #expect(
            found[1].contains(#"{"name":"task","length":30,"model":"gpt2"},{"name":"inputs","length":5,"elements":2}"#)
        )
        #expect(found[2].contains(#"{"name":"args","length":2},{"name":"input","length":4}"#))
        #expect(found[3].contains(#"{"name":"transformer","length":9,"model":"the-model"},{"name":"text","length":5}"#))
        #expect(try folder.lines().contains { $0.contains("hush") } == false)
    }

    @Test("Full text and parameters for those a rule names, and never beside words like password")
    func fullText() throws {
        let rule = "[[full_text]]\nusers = [\"pg\"]\nparameters = true"
        let desk = try Desk(folder, rule)
        #expect(desk.observer.wantsTexts)
        try desk.run("SELECT 'seen'", text: true)
        try desk.run("SELECT 'my PassWord is x'", text: true)
        try desk.run("ALTER ROLE a PASSWORD 'hush'", text: true)
        let statements = try Desk.statements("SELECT $1, $2")
        let notes = AdmissionNotes()
        #expect(desk.gate.wantsValues(of: statements[0]))
        _ = desk.gate.admit(desk.event(statements, notes, ["a\nvalue", "token=hush"]))
        desk.tell(statements[0], .aborted, notes)
        let other = desk.audit.observer(of: SessionIdentity(user: "x", database: "d", applicationName: "", address: ""))
        #expect(!other.wantsTexts)
        desk.audit.finish()
        let found = try records("statement")
        #expect(found[0].contains(#""text":"SELECT 'seen'","full":true"#))
        #expect(found[1].contains(#""text":"SELECT $1","verdict""#))
        #expect(
            found[2].contains(#""kinds":["unknown"]"#) && !found[2].contains(#""full":true"#)
        )
        #expect(found[3].contains(#""parameters":[{"value":"a\nvalue"},{"redacted":true}]"#))
        #expect(try folder.lines().contains { $0.contains("hush") || $0.contains("my Pass") } == false)
    }

    @Test("Sessions begin, are refused and end")
    func sessions() throws {
        let desk = try Desk(folder)
        let error = ErrorResponse(.tooManyConnections, "too many")
        desk.observer.sessionBegan(SessionEvent(session: Desk.session, sessionNumber: 7, error: nil))
        desk.observer.sessionEnded(SessionEvent(session: Desk.session, sessionNumber: 7, error: nil))
        desk.observer.sessionBegan(SessionEvent(session: Desk.session, sessionNumber: 8, error: error))
        desk.audit.finish()
        let found = try records("session")
        #expect(found.map { $0.contains("\"event\":\"begin\"") } == [true, false, false])
        #expect(found[1].hasSuffix("\"event\":\"end\""))
        #expect(found[2].hasSuffix(#""event":"refused","sqlstate":"53300","message":"too many""#))
    }

    @Test("What a plugin that only reports would have refused has a record, of its own statement or of none")
    func reports() throws {
        let desk = try Desk(folder)
        let denial = Denial("too long", rule: "length", hint: "Shorten it.")
        let report = JudgedStatement.Report(file: "plugins.d/20-length.toml", denial: denial)
        for statement in [try Desk.statements("SELECT 1")[0], nil] {
            desk.observer.wouldBeRefused(
                ReportEvent(session: Desk.session, sessionNumber: 7, statement: statement, report: report)
            )
        }
        desk.audit.finish()
        let why = #","sqlstate":"42501","message":"too long","file":"plugins.d/20-length.toml","rule":"length""#
        let what = #","kinds":["SELECT"],"fingerprint":"000000000000feed","text":"SELECT $1""#
        #expect(try records("report") == ["\"type\":\"report\"\(who)\(what)\(why)", "\"type\":\"report\"\(who)\(why)"])
    }

    @Test("Numbers of sessions are the log's own: another start begins with its first record's number")
    func sessionNumbers() throws {
        for _ in 0..<2 {
            let desk = try Desk(folder)
            try desk.run("SELECT 1")
            desk.audit.finish()
        }
        let lines = try folder.lines()
        #expect(lines.count == 6)
        #expect(lines[1].contains(#""session":"1-0-7""#) && lines[4].contains(#""session":"4-0-7""#))
    }

    @Test(
        "The rows of a command's tag are a number",
        arguments: [
            ("SELECT 1", 1), ("INSERT 0 12345678", 12_345_678), ("BEGIN", nil), ("", nil),
            ("CREATE MATERIALIZED VIEW", nil),
            ("SELECT 18446744073709551615", UInt64.max), ("7", nil),
        ] as [(String, UInt64?)]
    )
    func completion(text: String, rows: UInt64?) {
        let completion = Desk.completion(text)
        #expect(completion.rows == rows && completion.end == .command)
    }
}
