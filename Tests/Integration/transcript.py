"""Protocol transcripts: what the client sends and what must come back, as text that reads like the conversation.

    -> Query BEGIN
    <- CommandComplete BEGIN
    <- ReadyForQuery T
    -> Parse "" INSERT INTO app.kept VALUES ($1)
    -> Bind "" "" '7'
    -> Execute ""
    -> Sync
    <- ParseComplete
    <- BindComplete
    <- CommandComplete INSERT 0 1
    <- ReadyForQuery T

Consecutive `->` lines leave in one write, so a pipeline is simply several of them. `<-` lines are every message that comes
back, in order, and nothing else: a run ends with a Sync of its own whose ReadyForQuery must be the next thing to
arrive. An ErrorResponse or NoticeResponse is compared by severity and SQLSTATE, and by its text where the transcript
gives one; a RowDescription by its column names where it gives them. `<- closed` is the end of the connection.
`# …` lines are remarks. Names in guillemets are filled in by the caller: «refused» is the statement under test.
"""

import re
import shlex

import pgwire


class Mismatch(AssertionError):
    pass


def parse_frontend(line, fill):
    """The bytes of one `->` line."""
    kind, _, rest = line.partition(" ")
    rest = fill(rest)
    if kind == "Query":
        return pgwire.query(rest)
    if kind == "Parse":
        name, text = re.fullmatch(r'"([^"]*)" ?(.*)', rest, re.S).groups()
        return pgwire.parse(name, text)
    if kind == "Bind":
        return _bind(rest)
    if kind in ("Describe", "Close"):
        which, name = re.fullmatch(r'([SP]) "([^"]*)"', rest).groups()
        return (pgwire.describe if kind == "Describe" else pgwire.close)(which, name)
    if kind == "Execute":
        name, rows = re.fullmatch(r'"([^"]*)"(?: rows=(\d+))?', rest).groups()
        return pgwire.execute(name, int(rows or 0))
    if kind == "FunctionCall":
        return pgwire.function_call(int(rest))
    if kind == "CopyData":
        return pgwire.copy_data(rest.replace("\\n", "\n").replace("\\t", "\t"))
    if kind == "CopyFail":
        return pgwire.copy_fail(rest)
    simple = {"Sync": pgwire.sync, "Flush": pgwire.flush, "CopyDone": pgwire.copy_done, "Terminate": pgwire.terminate}
    return simple[kind]()


def _bind(rest):
    """`"portal" "statement" 'text' binary:00ff NULL …`"""
    portal, statement, *words = shlex.split(rest)
    values, formats = [], []
    for word in words:
        if word.startswith("binary:"):
            values.append(bytes.fromhex(word.removeprefix("binary:")))
            formats.append(1)
        else:
            values.append(None if word == "NULL" else word)
            formats.append(0)
    return pgwire.bind(portal, statement, values, formats)


def show(message):
    """A backend message as its `<-` line."""
    name, value = message.name, message.value
    if name in ("ErrorResponse", "NoticeResponse"):
        return f"{name} {value['S']} {value['C']} {value['M']}"
    if name == "DataRow":
        return f"{name} " + "|".join("NULL" if v is None else v.decode("utf-8", "replace") for v in value)
    if name == "RowDescription":
        return f"{name} " + ",".join(value)
    if name == "ParameterStatus":
        return f"{name} {value[0]}={value[1]}"
    if name == "CopyData":
        return f"{name} " + value.decode("utf-8", "replace").replace("\n", "\\n")
    if name == "ParameterDescription":
        return f"{name} " + ",".join(map(str, value))
    return f"{name} {value}" if isinstance(value, str) else name


SHORTENABLE = ("ErrorResponse", "NoticeResponse", "RowDescription", "ParameterDescription", "DataRow")


def agrees(expected, actual):
    if expected == actual:
        return True
    return expected.startswith(SHORTENABLE) and actual.startswith(expected + " ")


def run(connection, text, fill=None):
    """Plays a transcript. Returns the backend messages by their place among the `<-` lines; raises Mismatch with the
    conversation as it went."""
    substitutions = fill or {}

    def filled(rest):
        return re.sub("«([^»]+)»", lambda found: substitutions[found.group(1)], rest)

    lines = [line.strip() for line in text.strip().splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    conversation, received, waiting = [], [], []
    ended = False

    def fail(problem):
        raise Mismatch("\n".join(["", *conversation, f"!! {problem}"]))

    for line in lines:
        if line.startswith("->"):
            waiting.append(parse_frontend(line[2:].strip(), filled))
            conversation.append("-> " + filled(line[2:].strip())[:300])
            continue
        if not line.startswith("<-"):
            raise ValueError(f"a transcript line starts with -> or <- : {line}")
        if waiting:
            connection.send(*waiting)
            waiting = []
        expected = filled(line[2:].strip())
        try:
            message = connection.read()
        except pgwire.Closed:
            if expected == "closed":
                ended = True
                conversation.append("<- closed")
                continue
            fail(f"closed, expected {expected}")
        except pgwire.TimedOut:
            fail(f"nothing came, expected {expected}")
        actual = show(message)
        conversation.append("<- " + actual[:300])
        if not agrees(expected, actual):
            fail(f"expected {expected}")
        received.append(message)
    if not ended:
        connection.send(*waiting, pgwire.sync())
        while True:
            try:
                message = connection.read()
            except (pgwire.Closed, pgwire.TimedOut) as error:
                fail(f"no ReadyForQuery to the closing Sync: {error}")
            if message.name == "ReadyForQuery":
                break
            conversation.append("<- " + show(message)[:300])
            fail("nothing more was expected")
    return received
