"""What a client sees of a denied statement is what PostgreSQL does with one that fails, and the upstream sees nothing.

Every transcript is played against PostgreSQL first, with a statement that fails by itself in the refused one's place:
what is expected of the gateway is the server's own behaviour, not our idea of it.
"""

import pytest
import refusals
import transcript
from checks import check_refusal, check_unseen
from refusals import name

# In PostgreSQL's own run these stand in for the refused statements: one fails in analysis, one when it is bound.
FAILS_AT_PARSE = 'SELECT NULL::pg_catalog."no such type"'
FAILS_AT_BIND = "SELECT $1::pg_catalog.int4"
FAILING_VALUE = "no number"


class Refusal:
    """What a transcript's guillemets stand for, on either target."""

    def __init__(self, target, refused):
        self.target = target
        self.refused = refused
        at_bind = refused.refused_at == "Bind"
        if target.is_gateway:
            self.text, self.values, code = refused.text, refused.values, "42501"
        elif at_bind:
            self.text, self.values, code = FAILS_AT_BIND, (FAILING_VALUE,), "22P02"
        else:
            self.text, code = FAILS_AT_PARSE, "42704"
            self.values = ()
        self.expected = f"ERROR {code}"

    def fill(self, binary=False):
        if binary:
            words = [f"binary:{value.encode().hex()}" for value in self.values]
        else:
            words = ["'" + value.replace("'", "'\"'\"'") + "'" for value in self.values]
        return {"refused": self.text, "refusal": self.expected, "values": " ".join(words)}


def play(target, connection, upstream, refused, text, binary=False):
    """Plays a transcript with the refused statement in it, and checks the error's wording and the upstream's silence."""
    refusal = Refusal(target, refused)
    fill = refusal.fill(binary)
    if binary and not target.is_gateway and refused.refused_at == "Bind":
        fill["refusal"] = "ERROR 22P03"  # how PostgreSQL says that a binary int4 has the wrong length
    upstream.forget()
    messages = transcript.run(connection, text, fill)
    if not target.is_gateway:
        return messages
    errors = [message.value for message in messages if message.name == "ErrorResponse" and message.value["C"] == "42501"]
    assert errors, "the transcript has no refusal in it"
    for fields in errors:
        check_refusal(fields, refused.rule)
    check_unseen(upstream.saw, refused.secrets)
    return messages


NEXT_STATEMENT_WORKS = """
-> Query SELECT 'still here' AS fine
<- RowDescription fine
<- DataRow still here
<- CommandComplete SELECT 1
<- ReadyForQuery I
"""

SIMPLE = {
    "outside": """
        -> Query «refused»
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
    """,
    "inside a transaction": """
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query INSERT INTO app.kept VALUES (1)
        <- CommandComplete INSERT 0 1
        <- ReadyForQuery T
        -> Query «refused»
        <- ErrorResponse «refusal»
        <- ReadyForQuery E
        -> Query SELECT 1
        <- ErrorResponse ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block
        <- ReadyForQuery E
        -> Query COMMIT
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
    """,
    "in a pipeline": """
        -> Parse "" INSERT INTO app.kept VALUES (1)
        -> Bind "" ""
        -> Execute ""
        -> Query «refused»
        <- ParseComplete
        <- BindComplete
        <- CommandComplete INSERT 0 1
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
    """,
}

EXTENDED = {
    "outside": """
        -> Parse "" «refused»
        -> Bind "" "" «values»
        -> Describe P ""
        -> Execute ""
        -> Sync
        <- «answer»
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
    """,
    "inside a transaction": """
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query INSERT INTO app.kept VALUES (1)
        <- CommandComplete INSERT 0 1
        <- ReadyForQuery T
        -> Parse "" «refused»
        -> Bind "" "" «values»
        -> Execute ""
        -> Sync
        <- «answer»
        <- ErrorResponse «refusal»
        <- ReadyForQuery E
        -> Query COMMIT
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
    """,
    "in a pipeline": """
        -> Parse "" INSERT INTO app.kept VALUES (1)
        -> Bind "" ""
        -> Execute ""
        -> Parse "" «refused»
        -> Bind "" "" «values»
        -> Execute ""
        -> Parse "" INSERT INTO app.kept VALUES (2)
        -> Bind "" ""
        -> Execute ""
        -> Sync
        <- ParseComplete
        <- BindComplete
        <- CommandComplete INSERT 0 1
        <- «answer»
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
    """,
}


def for_phase(text, refused):
    """A statement that is refused when it is bound has been parsed before."""
    if refused.refused_at == "Bind":
        return text.replace("<- «answer»", "<- ParseComplete")
    return text.replace("<- «answer»\n", "\n")


@pytest.mark.parametrize("place", SIMPLE)
@pytest.mark.parametrize("refused", refusals.CONSTANTS, ids=name)
def test_a_refused_query_fails_like_any_other(target, connection, upstream, refused, place):
    play(target, connection, upstream, refused, SIMPLE[place] + NEXT_STATEMENT_WORKS)
    assert upstream.kept() == [], "a row written before the refusal in its transaction must be gone"


@pytest.mark.parametrize("place", EXTENDED)
@pytest.mark.parametrize("refused", refusals.CONSTANTS, ids=name)
def test_a_refused_parse_fails_like_any_other(target, connection, upstream, refused, place):
    play(target, connection, upstream, refused, for_phase(EXTENDED[place], refused) + NEXT_STATEMENT_WORKS)
    assert upstream.kept() == []


@pytest.mark.parametrize("place", EXTENDED)
@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("refused", refusals.PARAMETERS, ids=name)
def test_refused_parameters_fail_like_any_others(target, connection, upstream, refused, binary, place):
    text = for_phase(EXTENDED[place], refused) + NEXT_STATEMENT_WORKS
    play(target, connection, upstream, refused, text, binary)
    assert upstream.kept() == []


# One refused statement of each phase is enough for what follows: the cases differ in the protocol around it.
AT_PARSE = refusals.CONSTANTS[0]
AT_BIND = refusals.PARAMETERS[-1]

TRANSCRIPTS = {
    "in an aborted transaction the server's own error is relayed": (
        AT_PARSE,
        """
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query SELECT 1/0
        <- ErrorResponse ERROR 22012
        <- ReadyForQuery E
        -> Query «refused»
        <- ErrorResponse ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block
        <- ReadyForQuery E
        -> Parse "" «refused»
        -> Sync
        <- ErrorResponse ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block
        <- ReadyForQuery E
        -> Query ROLLBACK
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
        -> Query «refused»
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        """,
    ),
    "in an aborted transaction a refused Bind gives the server's own error": (
        AT_BIND,
        """
        -> Parse "s1" «refused»
        -> Sync
        <- ParseComplete
        <- ReadyForQuery I
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query SELECT 1/0
        <- ErrorResponse ERROR 22012
        <- ReadyForQuery E
        -> Bind "" "s1" «values»
        -> Sync
        <- ErrorResponse ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block
        <- ReadyForQuery E
        -> Query ROLLBACK
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
        -> Bind "" "s1" «values»
        -> Sync
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        """,
    ),
    "a refused Query drops the unnamed statement": (
        AT_PARSE,
        """
        -> Parse "" SELECT 1 AS fine
        -> Sync
        <- ParseComplete
        <- ReadyForQuery I
        -> Query «refused»
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        -> Bind "" ""
        -> Sync
        <- ErrorResponse ERROR 26000 unnamed prepared statement does not exist
        <- ReadyForQuery I
        """,
    ),
    "a refused Parse of the unnamed statement drops the one there was": (
        AT_PARSE,
        """
        -> Parse "" SELECT 1 AS fine
        -> Sync
        <- ParseComplete
        <- ReadyForQuery I
        -> Parse "" «refused»
        -> Sync
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        -> Bind "" ""
        -> Describe S ""
        -> Sync
        <- ErrorResponse ERROR 26000 unnamed prepared statement does not exist
        <- ReadyForQuery I
        """,
    ),
    "a refused Parse of a name leaves no statement, and the name free": (
        AT_PARSE,
        """
        -> Parse "s1" «refused»
        -> Sync
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        -> Bind "" "s1"
        -> Sync
        <- ErrorResponse ERROR 26000 prepared statement "s1" does not exist
        <- ReadyForQuery I
        -> Describe S "s1"
        -> Sync
        <- ErrorResponse ERROR 26000 prepared statement "s1" does not exist
        <- ReadyForQuery I
        -> Parse "s1" SELECT 1 AS fine
        -> Bind "" "s1"
        -> Execute ""
        -> Sync
        <- ParseComplete
        <- BindComplete
        <- DataRow 1
        <- CommandComplete SELECT 1
        <- ReadyForQuery I
        """,
    ),
    "a refused Parse of a name leaves the unnamed statement alone": (
        AT_PARSE,
        """
        -> Parse "" SELECT 1 AS fine
        -> Sync
        <- ParseComplete
        <- ReadyForQuery I
        -> Parse "s1" «refused»
        -> Sync
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        -> Bind "" ""
        -> Execute ""
        -> Sync
        <- BindComplete
        <- DataRow 1
        <- CommandComplete SELECT 1
        <- ReadyForQuery I
        """,
    ),
    "a refused Bind leaves its statement usable": (
        AT_BIND,
        """
        -> Parse "s1" «refused»
        -> Bind "" "s1" «values»
        -> Execute ""
        -> Sync
        <- ParseComplete
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        -> Describe S "s1"
        -> Sync
        <- ParameterDescription
        <- RowDescription
        <- ReadyForQuery I
        -> Close S "s1"
        -> Sync
        <- CloseComplete
        <- ReadyForQuery I
        """,
    ),
    "an earlier error in the pipeline wins": (
        AT_PARSE,
        """
        -> Parse "" SELECT 1/0
        -> Bind "" ""
        -> Execute ""
        -> Parse "" «refused»
        -> Bind "" ""
        -> Execute ""
        -> Sync
        <- ParseComplete
        <- ErrorResponse ERROR 22012 division by zero
        <- ReadyForQuery I
        -> Query «refused»
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        """,
    ),
    "what a pipeline committed before stays committed": (
        AT_PARSE,
        """
        -> Parse "" BEGIN
        -> Bind "" ""
        -> Execute ""
        -> Parse "" INSERT INTO app.kept VALUES (7)
        -> Bind "" ""
        -> Execute ""
        -> Parse "" COMMIT
        -> Bind "" ""
        -> Execute ""
        -> Parse "" «refused»
        -> Bind "" ""
        -> Execute ""
        -> Sync
        <- ParseComplete
        <- BindComplete
        <- CommandComplete BEGIN
        <- ParseComplete
        <- BindComplete
        <- CommandComplete INSERT 0 1
        <- ParseComplete
        <- BindComplete
        <- CommandComplete COMMIT
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        """,
    ),
    "a BEGIN in the failed pipeline leaves an aborted transaction": (
        AT_PARSE,
        """
        -> Parse "" BEGIN
        -> Bind "" ""
        -> Execute ""
        -> Parse "" INSERT INTO app.kept VALUES (1)
        -> Bind "" ""
        -> Execute ""
        -> Parse "" «refused»
        -> Sync
        <- ParseComplete
        <- BindComplete
        <- CommandComplete BEGIN
        <- ParseComplete
        <- BindComplete
        <- CommandComplete INSERT 0 1
        <- ErrorResponse «refusal»
        <- ReadyForQuery E
        -> Query ROLLBACK
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
        """,
    ),
    "a SET earlier in the failed pipeline is undone": (
        AT_PARSE,
        """
        -> Query SHOW extra_float_digits
        <- RowDescription extra_float_digits
        <- DataRow 1
        <- CommandComplete SHOW
        <- ReadyForQuery I
        -> Parse "" SET extra_float_digits = 3
        -> Bind "" ""
        -> Execute ""
        -> Parse "" «refused»
        -> Bind "" ""
        -> Execute ""
        -> Sync
        <- ParseComplete
        <- BindComplete
        <- CommandComplete SET
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        -> Query SHOW extra_float_digits
        <- RowDescription extra_float_digits
        <- DataRow 1
        <- CommandComplete SHOW
        <- ReadyForQuery I
        """,
    ),
    "a SET before the failed transaction stays, one within it is undone": (
        AT_PARSE,
        """
        -> Query SET extra_float_digits = 2
        <- CommandComplete SET
        <- ReadyForQuery I
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query SET extra_float_digits = 3
        <- CommandComplete SET
        <- ReadyForQuery T
        -> Query «refused»
        <- ErrorResponse «refusal»
        <- ReadyForQuery E
        -> Query ROLLBACK
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
        -> Query SHOW extra_float_digits
        <- RowDescription extra_float_digits
        <- DataRow 2
        <- CommandComplete SHOW
        <- ReadyForQuery I
        """,
    ),
    "after an error everything up to Sync is ignored, Query messages too": (
        AT_PARSE,
        """
        -> Parse "" «refused»
        -> Query INSERT INTO app.kept VALUES (1)
        -> Parse "s2" SELECT 1
        -> Describe S "s2"
        -> Query «refused»
        -> Flush
        -> Sync
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        -> Describe S "s2"
        -> Sync
        <- ErrorResponse ERROR 26000 prepared statement "s2" does not exist
        <- ReadyForQuery I
        """,
    ),
    "a refused Query in the middle of a pipeline answers with ReadyForQuery and goes on": (
        AT_PARSE,
        """
        -> Parse "s1" SELECT 1 AS fine
        -> Query «refused»
        -> Bind "" "s1"
        -> Execute ""
        -> Sync
        <- ParseComplete
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        <- BindComplete
        <- DataRow 1
        <- CommandComplete SELECT 1
        <- ReadyForQuery I
        """,
    ),
    "Flush brings the refusal without a Sync": (
        AT_PARSE,
        """
        -> Parse "" «refused»
        -> Flush
        <- ErrorResponse «refusal»
        -> Bind "" ""
        -> Sync
        <- ReadyForQuery I
        """,
    ),
    "Flush brings what came before, and the refusal comes after": (
        AT_PARSE,
        """
        -> Parse "s1" SELECT 1 AS fine
        -> Flush
        <- ParseComplete
        -> Bind "" "s1"
        -> Execute ""
        -> Flush
        <- BindComplete
        <- DataRow 1
        <- CommandComplete SELECT 1
        -> Parse "" «refused»
        -> Flush
        <- ErrorResponse «refusal»
        -> Sync
        <- ReadyForQuery I
        """,
    ),
    "several refusals in a row, each with its own Sync": (
        AT_PARSE,
        """
        -> Parse "" «refused»
        -> Sync
        -> Parse "" «refused»
        -> Sync
        -> Query «refused»
        -> Parse "" SELECT 1 AS fine
        -> Bind "" ""
        -> Execute ""
        -> Sync
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        <- ParseComplete
        <- BindComplete
        <- DataRow 1
        <- CommandComplete SELECT 1
        <- ReadyForQuery I
        """,
    ),
    "a savepoint brings the transaction back": (
        AT_PARSE,
        """
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query INSERT INTO app.kept VALUES (7)
        <- CommandComplete INSERT 0 1
        <- ReadyForQuery T
        -> Query SAVEPOINT before
        <- CommandComplete SAVEPOINT
        <- ReadyForQuery T
        -> Query INSERT INTO app.kept VALUES (1)
        <- CommandComplete INSERT 0 1
        <- ReadyForQuery T
        -> Query «refused»
        <- ErrorResponse «refusal»
        <- ReadyForQuery E
        -> Query ROLLBACK TO SAVEPOINT before; RELEASE SAVEPOINT before
        <- CommandComplete ROLLBACK
        <- CommandComplete RELEASE
        <- ReadyForQuery T
        -> Query COMMIT
        <- CommandComplete COMMIT
        <- ReadyForQuery I
        """,
    ),
    "a cursor and a portal end with the transaction that a refusal aborts": (
        AT_PARSE,
        """
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query DECLARE c1 CURSOR FOR SELECT i FROM generate_series(1, 3) AS t(i)
        <- CommandComplete DECLARE CURSOR
        <- ReadyForQuery T
        -> Query «refused»
        <- ErrorResponse «refusal»
        <- ReadyForQuery E
        -> Query ROLLBACK
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
        -> Query FETCH 1 FROM c1
        <- ErrorResponse ERROR 34000 cursor "c1" does not exist
        <- ReadyForQuery I
        """,
    ),
}

STAYS = {"what a pipeline committed before stays committed": [7], "a savepoint brings the transaction back": [7]}


@pytest.mark.parametrize("title", TRANSCRIPTS)
def test_transcript(target, connection, upstream, title):
    refused, text = TRANSCRIPTS[title]
    if "«refusal»" in text:
        play(target, connection, upstream, refused, text + NEXT_STATEMENT_WORKS)
    else:
        transcript.run(connection, text + NEXT_STATEMENT_WORKS, Refusal(target, refused).fill())
    assert upstream.kept() == STAYS.get(title, [])


def test_a_query_with_one_refused_statement_is_not_forwarded_at_all(target, connection, upstream):
    """PostgreSQL parses the whole Query before it runs any of it: a refused statement is met like a syntax error."""
    if target.is_gateway:
        refused, refusal = AT_PARSE.text, "ERROR 42501"
    else:
        refused, refusal = "SELEC 1", "ERROR 42601"
    upstream.forget()
    transcript.run(
        connection,
        """
        -> Query INSERT INTO app.kept VALUES (1); «refused»; INSERT INTO app.kept VALUES (2)
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query INSERT INTO app.kept VALUES (3); «refused»
        <- ErrorResponse «refusal»
        <- ReadyForQuery E
        -> Query ROLLBACK
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
        """
        + NEXT_STATEMENT_WORKS,
        {"refused": refused, "refusal": refusal},
    )
    assert upstream.kept() == []
    if target.is_gateway:
        assert not upstream.saw("INSERT INTO app.kept")
        assert not upstream.saw("pg_read_file")


@pytest.mark.parametrize("what", ["Query", "Parse"])
def test_in_copy_in_a_refused_message_ends_the_connection_as_any_other_would(target, connection, upstream, what):
    """While the server reads COPY data, a Query or Parse is a breach of the protocol, whatever it says."""
    message = "-> Query «refused»" if what == "Query" else '-> Parse "" «refused»'
    kind = "0x51" if what == "Query" else "0x50"
    upstream.forget()
    transcript.run(
        connection,
        f"""
        -> Query COPY app.kept FROM STDIN
        <- CopyInResponse
        -> CopyData 1\\tx\\n
        {message}
        <- ErrorResponse ERROR 08P01 unexpected message type {kind} during COPY from stdin
        <- ErrorResponse FATAL 08P01 terminating connection because protocol synchronization was lost
        <- closed
        """,
        Refusal(target, AT_PARSE).fill(),
    )
    assert upstream.kept() == []
    if target.is_gateway:
        assert not upstream.saw("pg_read_file")


def test_copy_in_swallows_a_sync(target, connection, upstream):
    transcript.run(
        connection,
        """
        -> Parse "" COPY app.kept FROM STDIN
        -> Bind "" ""
        -> Execute ""
        -> Sync
        <- ParseComplete
        <- BindComplete
        <- CopyInResponse
        -> CopyData 7\\tx\\n
        -> CopyDone
        -> Parse "" «refused»
        -> Sync
        <- CommandComplete COPY 1
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        """
        + NEXT_STATEMENT_WORKS,
        Refusal(target, AT_PARSE).fill(),
    )
    assert upstream.kept() == [], "the COPY and the refused statement were one implicit transaction"


def test_a_copy_that_succeeds_before_a_refused_query_is_kept(target, connection, upstream):
    transcript.run(
        connection,
        """
        -> Query COPY app.kept FROM STDIN
        <- CopyInResponse
        -> CopyData 7\\tx\\n
        -> CopyDone
        -> Query «refused»
        <- CommandComplete COPY 1
        <- ReadyForQuery I
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        """
        + NEXT_STATEMENT_WORKS,
        Refusal(target, AT_PARSE).fill(),
    )
    assert upstream.kept() == [7]


def test_a_function_call_is_refused_with_its_own_ready_for_query(target, connection, upstream):
    """PostgreSQL's run calls a function that is not there; the gateway's would be there (pg_catalog.pg_sleep)."""
    fill = {"oid": "2626", "refusal": "ERROR 42501"} if target.is_gateway else {"oid": "1", "refusal": "ERROR 42883"}
    transcript.run(
        connection,
        """
        -> FunctionCall «oid»
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query INSERT INTO app.kept VALUES (1)
        <- CommandComplete INSERT 0 1
        <- ReadyForQuery T
        -> FunctionCall «oid»
        <- ErrorResponse «refusal»
        <- ReadyForQuery E
        -> FunctionCall «oid»
        <- ErrorResponse ERROR 25P02
        <- ReadyForQuery E
        -> Query ROLLBACK
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
        -> FunctionCall «oid»
        -> Query SELECT 1 AS fine
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        <- RowDescription fine
        <- DataRow 1
        <- CommandComplete SELECT 1
        <- ReadyForQuery I
        """,
        fill,
    )
    assert upstream.kept() == []


def test_parameters_of_execute_are_judged(target, connection, upstream):
    """SQL's own PREPARE and EXECUTE carry arguments too."""
    if target.is_gateway:
        fill = {"prepare": "SELECT pgml.embed($1, 'executed')", "argument": "'evil/model'", "refusal": "ERROR 42501"}
    else:
        fill = {"prepare": "SELECT $1::int4", "argument": "'no number'", "refusal": "ERROR 22P02"}
    upstream.forget()
    transcript.run(
        connection,
        """
        -> Query PREPARE p1 AS «prepare»
        <- CommandComplete PREPARE
        <- ReadyForQuery I
        -> Query EXECUTE p1(«argument»)
        <- ErrorResponse «refusal»
        <- ReadyForQuery I
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query EXECUTE p1(«argument»)
        <- ErrorResponse «refusal»
        <- ReadyForQuery E
        -> Query ROLLBACK
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
        """
        + NEXT_STATEMENT_WORKS,
        fill,
    )
    if target.is_gateway:
        assert not upstream.saw("evil/model")


UNPARSABLE = {
    "SELEC 1": ('syntax error at or near "SELEC"', "1"),
    "SELECT 1; SELECT (": ("syntax error at end of input", "19"),
    "SELECT 'never closed": ('unterminated quoted string at or near "\'never closed"', "8"),
    "SELECT 'grün' FRM t": ('syntax error at or near "t"', "19"),
}


@pytest.mark.parametrize("text", UNPARSABLE)
def test_sql_that_does_not_parse_is_a_syntax_error_with_its_position(target, connection, upstream, text):
    message, position = UNPARSABLE[text]
    upstream.forget()
    received = transcript.run(
        connection,
        """
        -> Query «text»
        <- ErrorResponse ERROR 42601
        <- ReadyForQuery I
        -> Parse "" «text»
        -> Sync
        <- ErrorResponse ERROR 42601
        <- ReadyForQuery I
        -> Query BEGIN
        <- CommandComplete BEGIN
        <- ReadyForQuery T
        -> Query «text»
        <- ErrorResponse ERROR 42601
        <- ReadyForQuery E
        -> Query «text»
        <- ErrorResponse ERROR 42601
        <- ReadyForQuery E
        -> Query ROLLBACK
        <- CommandComplete ROLLBACK
        <- ReadyForQuery I
        """
        + NEXT_STATEMENT_WORKS,
        {"text": text},
    )
    for error in (answer.value for answer in received if answer.name == "ErrorResponse"):
        assert error["M"] == message
        assert error.get("P") == position
    if target.is_gateway:
        assert not upstream.saw(text)
