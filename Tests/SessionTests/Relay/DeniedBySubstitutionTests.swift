import PostgresWire
import Testing

@testable import Session

/// What a client sees of a denial is what PostgreSQL does after an error in the same place.
@Suite("A denied statement")
struct DeniedBySubstitutionTests {
    private static let substitute = "Q SELECT NULL::pg_catalog.\"denied by pgml-gateway\""

    @Test("in a simple query is replaced on its way, and its error on the way back")
    func simpleQuery() {
        let script = SessionScript()
        #expect(script.client(Frames.query("SELECT forbidden()")).server == [Self.substitute])
        let answer = script.server(Frames.error("42704"), Frames.ready("I"))
        #expect(answer.client == ["E 42501 forbidden is not allowed", "Z I"])
    }

    @Test("in an aborted transaction gets the server's own 25P02")
    func abortedTransaction() {
        let script = SessionScript()
        script.client(Frames.query("SELECT forbidden()"))
        #expect(script.server(Frames.error("25P02"), Frames.ready("E")).client == ["E 25P02 server says 25P02", "Z E"])
    }

    @Test("that does not even parse is told so in an aborted transaction too")
    func syntaxErrorInAbortedTransaction() {
        let script = SessionScript()
        script.client(Frames.query("SELEC"))
        let answer = script.server(Frames.error("25P02"), Frames.ready("E"))
        #expect(answer.client == ["E 42601 syntax error at or near \"SELEC\"", "Z E"])
    }

    @Test("takes the whole text with it: no statement of a denied query runs")
    func severalStatements() {
        let script = SessionScript()
        #expect(script.client(Frames.query("SELECT 1; SELECT forbidden()")).server == [Self.substitute])
    }

    @Test("in a Parse fails there, and nothing up to Sync reaches the server")
    func parse() {
        let script = SessionScript()
        let sent = script.client(
            Frames.parse("s", "SELECT forbidden()"),
            Frames.bind("s"),
            Frames.describe,
            Frames.execute,
            Frames.sync
        )
        #expect(sent.server == ["P pgml-gateway: SELECT NULL::pg_catalog.\"denied by pgml-gateway\"", "S"])
        #expect(script.server(Frames.error("42704")).client == ["E 42501 forbidden is not allowed"])
        #expect(script.server(Frames.ready("I")).client == ["Z I"])
    }

    @Test("leaves no statement behind under its name")
    func noStatementLeft() {
        let script = SessionScript()
        script.client(Frames.parse("s", "SELECT forbidden()"), Frames.sync)
        script.server(Frames.error("42704"), Frames.ready("I"))
        let sent = script.client(Frames.bind("s"), Frames.execute, Frames.sync)
        #expect(sent.server.first?.hasPrefix("P pgml-gateway: ") == true)
        #expect(script.server(Frames.error("42704")).client == ["E 26000 prepared statement \"s\" does not exist"])
    }

    @Test("in a Parse of the unnamed statement drops the one before, on the server too")
    func unnamedIsDropped() {
        let script = SessionScript()
        script.client(Frames.parse("", "SELECT 1"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        let sent = script.client(Frames.parse("", "SELECT forbidden()"), Frames.sync)
        #expect(sent.server == ["P : SELECT NULL::pg_catalog.\"denied by pgml-gateway\"", "S"])
        script.server(Frames.error("42704"), Frames.ready("I"))
        script.client(Frames.bind(""), Frames.sync)
        #expect(script.server(Frames.error("42704")).client == ["E 26000 unnamed prepared statement does not exist"])
    }

    @Test("as a simple query drops the unnamed statement, as any simple query does")
    func queryDropsUnnamed() {
        let script = SessionScript()
        script.client(Frames.parse("", "SELECT 1"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        script.client(Frames.query("SELECT forbidden()"))
        script.server(Frames.error("42704"), Frames.ready("I"))
        script.client(Frames.bind(""), Frames.sync)
        #expect(script.server(Frames.error("42704")).client == ["E 26000 unnamed prepared statement does not exist"])
    }

    @Test("behind a statement that fails is not reported: the server never looks at it")
    func earlierErrorWins() {
        let script = SessionScript()
        script.client(
            Frames.parse("", "SELECT nope"),
            Frames.bind(""),
            Frames.execute,
            Frames.parse("", "SELECT forbidden()"),
            Frames.bind(""),
            Frames.sync
        )
        #expect(script.server(Frames.error("42703")).client == ["E 42703 server says 42703"])
        #expect(script.server(Frames.ready("I")).client == ["Z I"])
        #expect(!script.session.isBusy)
    }

    @Test("by its parameters fails at Bind, before a byte of it is sent")
    func bind() {
        let script = SessionScript()
        script.client(Frames.parse("s", "SELECT watched($1)"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        let sent = script.client(Frames.bind("s", ["bad"]), Frames.execute, Frames.sync)
        #expect(sent.server == ["P pgml-gateway: SELECT NULL::pg_catalog.\"denied by pgml-gateway\"", "S"])
        #expect(
            script.server(Frames.error("42704"), Frames.ready("I")).client == ["E 42501 bad is not allowed", "Z I"]
        )
        #expect(script.client(Frames.bind("s", ["good"]), Frames.execute, Frames.sync).server == ["B : s", "E", "S"])
    }

    @Test("by EXECUTE's arguments is found under the name that SQL's PREPARE gave")
    func execute() {
        let script = SessionScript()
        script.client(Frames.query("PREPARE s AS SELECT watched($1)"))
        script.server(Frames.complete("PREPARE"), Frames.ready("I"))
        #expect(script.client(Frames.query("EXECUTE s('bad')")).server == [Self.substitute])
        script.server(Frames.error("42704"), Frames.ready("I"))
        #expect(script.client(Frames.query("EXECUTE s('good')")).server == ["Q EXECUTE s('good')"])
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(script.client(Frames.bind("s", ["bad"]), Frames.sync).server.first?.hasPrefix("P pgml-gateway") == true)
    }

    @Test("by a parameter's declared type fails at Parse, whatever was thought of its text before")
    func parameterTypes() {
        let script = SessionScript()
        script.client(Frames.parse("", "SELECT $1"), Frames.sync)
        script.server(Frames.parseComplete, Frames.ready("I"))
        #expect(
            script.client(Frames.parse("", "SELECT $1", types: [25, 13]), Frames.bind("", ["x", "y"]), Frames.sync)
                .server
                == ["P : SELECT NULL::pg_catalog.\"denied by pgml-gateway\"", "S"]
        )
        let answer = script.server(Frames.error("42704"), Frames.ready("I"))
        #expect(answer.client == ["E 42501 type 13 is not allowed", "Z I"])
    }

    @Test("by a value is judged with the type that Parse declared for it")
    func declaredType() {
        let script = SessionScript()
        script.client(Frames.parse("", "SELECT watched($1)", types: [19]), Frames.bind("", ["good"]), Frames.sync)
        let answer = script.server(Frames.parseComplete, Frames.error("42704"), Frames.ready("I"))
        #expect(answer.client == ["1", "E 42501 name is not allowed", "Z I"])
    }

    @Test("by EXECUTE's arguments is judged with the types that PREPARE declared")
    func preparedTypes() {
        let script = SessionScript()
        script.client(Frames.query(#"PREPARE a(text) AS SELECT watched($1); PREPARE b("char") AS SELECT watched($1)"#))
        script.server(Frames.complete("PREPARE"), Frames.complete("PREPARE"), Frames.ready("I"))
        #expect(script.client(Frames.query("EXECUTE a('good')")).server == ["Q EXECUTE a('good')"])
        script.server(Frames.complete("SELECT 1"), Frames.ready("I"))
        #expect(script.client(Frames.query("EXECUTE b('good')")).server == [Self.substitute])
        script.server(Frames.error("42704"), Frames.ready("I"))
        #expect(script.client(Frames.query("EXECUTE b('good'::text)")).server == [Self.substitute])
    }

    @Test("as a FunctionCall is answered with a ReadyForQuery of its own")
    func functionCall() {
        let script = SessionScript()
        #expect(script.client(Frames.message("F", [0, 0, 0, 1, 0, 0, 0, 0, 0, 0])).server == [Self.substitute])
        let answer = script.server(Frames.error("42704"), Frames.ready("I"))
        #expect(answer.client == ["E 42501 function calls by OID are not allowed", "Z I"])
    }

    @Test("arriving while the server reads COPY data has PostgreSQL's effect, without its text")
    func duringCopyIn() {
        let script = SessionScript()
        script.client(Frames.query("COPY t FROM STDIN"))
        script.server(Frames.copyIn)
        script.client(Frames.copyData("1\n"))
        #expect(script.client(Frames.query("SELECT forbidden()")).server == ["Q", "X"])
    }
}
