"""What the repository's policy refuses: the statements that the issue names, as constants and as parameters.

Shared by the transcripts against the gateway and the demonstration.
"""

from dataclasses import dataclass

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
REMOTE_CODE = '{"trust_remote_code": true}'
REMOTE_TASK = f'{{"task": "feature-extraction", "model": "{MODEL}", "trust_remote_code": true}}'


@dataclass(frozen=True)
class Refused:
    """`what` in a person's words; `rule` is the key of the policy that the DETAIL must name; `secrets` are pieces of the
    statement that must never reach the upstream. With `values`, the text has `$n` and the refusal comes at `refused_at`."""

    what: str
    text: str
    rule: str
    secrets: tuple
    values: tuple = ()
    refused_at: str = "Parse"


CONSTANTS = [
    Refused("a server file", "SELECT pg_read_file('/etc/passwd')", "functions", ("pg_read_file", "/etc/passwd")),
    Refused("a dump into a server folder", "SELECT pgml.dump_all('/x')", "functions", ("dump_all", "/x")),
    Refused("a table that is not listed", "SELECT * FROM app.secret", "relations", ("app.secret",)),
    Refused(
        "remote code by embed's keyword arguments",
        f"SELECT pgml.embed('{MODEL}', 'embed this text', '{REMOTE_CODE}')",
        "calls",
        ("trust_remote_code", "embed this text"),
    ),
    Refused(
        "remote code by transform's task",
        f"SELECT pgml.transform('{REMOTE_TASK}'::jsonb, inputs => ARRAY['transform this text'])",
        "calls",
        ("trust_remote_code", "transform this text"),
    ),
    Refused(
        "a model that is not listed",
        "SELECT pgml.embed('evil/model', 'embed this text')",
        "calls",
        ("evil/model", "embed this text"),
    ),
]

PARAMETERS = [
    Refused("a server file", "SELECT pg_read_file($1)", "functions", ("pg_read_file", "/etc/passwd"), ("/etc/passwd",)),
    Refused("a dump into a server folder", "SELECT pgml.dump_all($1)", "functions", ("dump_all", "/x"), ("/x",)),
    Refused(
        "a table that is not listed", "SELECT * FROM app.secret WHERE id = $1::text::integer", "relations",
        ("app.secret",), ("1",),
    ),  # fmt: skip
    Refused(
        "remote code by embed's keyword arguments",
        "SELECT pgml.embed($1, $2, $3::text::jsonb)",
        "calls",
        ("trust_remote_code", "embed this text"),
        (MODEL, "embed this text", REMOTE_CODE),
        "Bind",
    ),
    Refused(
        "remote code by transform's task",
        "SELECT pgml.transform($1::text::jsonb, inputs => ARRAY[$2::text])",
        "calls",
        ("trust_remote_code", "transform this text"),
        (REMOTE_TASK, "transform this text"),
        "Bind",
    ),
    Refused(
        "a model that is not listed",
        "SELECT pgml.embed($1, $2)",
        "calls",
        ("evil/model", "embed this text"),
        ("evil/model", "embed this text"),
        "Bind",
    ),
]


def name(refused):
    return refused.what.replace(" ", "-").replace("'", "")

