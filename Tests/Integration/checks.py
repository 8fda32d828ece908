"""What must hold, said once: used by the integration tests and by the demonstration, so that both mean the same."""

import math

ALLOWLIST = "plugins.d/10-allowlist.toml"
DIMENSIONS = 384


def error_fields(error):
    """The fields of a psycopg error, by the protocol's letters."""
    diagnosis = error.diag
    fields = {
        "S": diagnosis.severity,
        "C": diagnosis.sqlstate,
        "M": diagnosis.message_primary,
        "D": diagnosis.message_detail,
        "H": diagnosis.message_hint,
    }
    return {letter: value for letter, value in fields.items() if value is not None}


def check_refusal(fields, rule):
    """The error a user sees: 42501, what was refused, which rule of which file refused it, what would admit it."""
    assert fields.get("S") == "ERROR", f"not an ERROR: {fields}"
    assert fields.get("C") == "42501", f"not 42501: {fields}"
    assert fields.get("M"), f"says nothing: {fields}"
    assert ALLOWLIST in fields.get("D", ""), f"the DETAIL does not name the plugin file: {fields}"
    assert rule in fields["D"], f"the DETAIL does not name the rule {rule}: {fields}"
    assert fields.get("H"), f"no HINT: {fields}"


def check_embedding(embedding):
    """A vector as all-MiniLM-L6-v2 gives them: 384 numbers of length 1."""
    assert len(embedding) == DIMENSIONS, f"{len(embedding)} dimensions instead of {DIMENSIONS}"
    length = math.sqrt(sum(number * number for number in embedding))
    assert abs(length - 1) < 1e-3, f"the vector's length is {length}"


def check_meaning(happy_person, happy_dog, sunny_day):
    """The embeddings mean something: a happy person is nearer to a happy dog than to a sunny day."""

    def similarity(one, other):
        return sum(a * b for a, b in zip(one, other))

    dog, day = similarity(happy_person, happy_dog), similarity(happy_person, sunny_day)
    assert abs(dog - 0.695) < 0.01, f"similarity to the dog is {dog}"
    assert abs(day - 0.257) < 0.01, f"similarity to the day is {day}"
    return dog, day


def check_unseen(saw, pieces):
    """`saw` tells whether the upstream was sent a text."""
    for piece in pieces:
        assert not saw(piece), f"the upstream has seen {piece!r}"
