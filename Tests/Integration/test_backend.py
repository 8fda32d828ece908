"""The embedded backend is what it says: PostgresML's interface, working where it claims to, refusing elsewhere."""

import csv
import pathlib
import signal
import subprocess
import time

import pytest
from backend_fixture import REPOSITORY, start_backend

import psycopg
from psycopg import errors

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
SIGNATURES = REPOSITORY / "Tests" / "Corpora" / "pgml_signatures.tsv"


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    running = start_backend(tmp_path_factory.mktemp("backend"), log_statements=True)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def client(backend):
    with psycopg.connect(backend.url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def superuser(backend):
    with psycopg.connect(backend.superuser_conninfo, autocommit=True) as connection:
        yield connection


def value(connection, query, *parameters):
    return connection.execute(query, parameters).fetchone()[0]


def column(connection, query, *parameters):
    return [row[0] for row in connection.execute(query, parameters)]


def refusal(connection, query, *parameters):
    with pytest.raises(psycopg.Error) as raised:
        connection.execute(query, parameters)
    return raised.value


# The interface


def test_every_function_of_postgresml_is_there_with_its_signature(superuser):
    with SIGNATURES.open() as file:
        lines = (line for line in file if not line.startswith("#"))
        expected = {tuple(row.values()) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert len(expected) == 132
    present = superuser.execute("""
        SELECT CASE prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END,
               proname,
               pg_get_function_arguments(oid),
               pg_get_function_result(oid),
               CASE provolatile WHEN 'i' THEN 'immutable' WHEN 'v' THEN 'volatile' ELSE 'stable' END,
               CASE WHEN proisstrict THEN 'null' ELSE 'called' END,
               CASE proparallel WHEN 's' THEN 'safe' WHEN 'u' THEN 'unsafe' ELSE 'restricted' END
        FROM pg_proc WHERE pronamespace = 'pgml'::regnamespace
    """).fetchall()
    assert set(present) == expected


def test_enum_types_tables_views_and_settings_are_there(superuser):
    labels = "SELECT count(*) FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid WHERE typname = %s"
    counts = {name: value(superuser, labels, name) for name in
              ("algorithm", "runtime", "sampling", "search", "status", "strategy", "task")}
    assert counts == {
        "algorithm": 45, "runtime": 3, "sampling": 3, "search": 2, "status": 3, "strategy": 5, "task": 13,
    }
    relations = "SELECT relname FROM pg_class WHERE relnamespace = 'pgml'::regnamespace AND relkind = %s ORDER BY 1"
    assert column(superuser, relations, "r") == ["deployments", "files", "logs", "models", "projects", "snapshots"]
    assert column(superuser, relations, "v") == ["deployed_models", "overview", "trained_models"]
    assert column(superuser, "SELECT count(*) FROM pgml.overview") == [0]
    assert column(superuser, "SHOW pgml.omp_num_threads") == ["1"]
    superuser.execute("SET pgml.huggingface_trust_remote_code = on")
    superuser.execute("RESET pgml.huggingface_trust_remote_code")
    assert column(superuser, "SHOW pgml.huggingface_trust_remote_code") == ["off"]


def test_version_names_the_release_that_is_imitated(client):
    assert value(client, "SELECT pgml.version()").startswith("2.10.0 ")


# embed


@pytest.mark.parametrize("other, similarity", [
    ("That is a happy dog", 0.695),
    ("That is a very happy person", 0.943),
    ("Today is a sunny day", 0.257),
])
def test_embeddings_are_those_of_the_real_model(client, other, similarity):
    query = "SELECT pgml.cosine_similarity(pgml.embed(%s, 'That is a happy person'), pgml.embed(%s, %s))"
    assert value(client, query, MODEL, "all-MiniLM-L6-v2", other) == pytest.approx(similarity, abs=0.0006)


def test_an_array_of_texts_gives_the_same_vectors_in_the_same_order(client):
    texts = ["one", "a much longer text about " + "something " * 300, "", "naïve café ☕", "one"]
    together = column(client, "SELECT pgml.embed(%s, %s::text[])", MODEL, texts)
    alone = [value(client, "SELECT pgml.embed(%s, %s)", MODEL, text) for text in texts]
    assert [len(vector) for vector in together] == [384] * 5
    for a, b in zip(together, alone):
        assert a == pytest.approx(b, abs=1e-5)
    assert column(client, "SELECT pgml.embed(%s, ARRAY[]::text[])", MODEL) == []


def test_embed_honours_a_prompt_and_is_null_of_null(client):
    prompted = value(client, """SELECT pgml.embed(%s, 'text', '{"prompt": "query: "}')""", MODEL)
    assert prompted == value(client, "SELECT pgml.embed(%s, 'query: text')", MODEL)
    assert value(client, "SELECT pgml.embed(%s, NULL::text)", MODEL) is None


def test_an_unknown_model_is_refused_with_the_names_of_those_there_are(client):
    error = refusal(client, "SELECT pgml.embed('intfloat/e5-small', 'text')")
    assert error.sqlstate == "0A000"
    assert "intfloat/e5-small" in error.diag.message_primary
    assert MODEL in error.diag.message_hint


def test_keyword_arguments_without_effect_here_are_refused_by_name(client):
    error = refusal(client, """SELECT pgml.embed(%s, 'text', '{"trust_remote_code": true}')""", MODEL)
    assert error.sqlstate == "0A000"
    assert "trust_remote_code" in error.diag.message_primary


def test_statement_timeout_interrupts_an_embedding_and_its_work_is_dropped(client):
    client.execute("SET statement_timeout = '500ms'")
    started = time.monotonic()
    error = refusal(client, "SELECT count(*) FROM pgml.embed(%s, ARRAY("
                            "SELECT repeat('some words ', 100) || i FROM generate_series(1, 2000) AS i))", MODEL)
    assert (error.sqlstate, error.diag.message_primary) == ("57014", "canceling statement due to statement timeout")
    assert time.monotonic() - started < 2
    client.execute("SET statement_timeout = 0")
    started = time.monotonic()
    client.execute("SELECT pgml.embed(%s, 'next')", [MODEL])
    assert time.monotonic() - started < 5, "the service still works for a statement that is gone"


def test_a_short_text_does_not_wait_for_a_long_batch_of_another_client(backend, client):
    batch = f"""
        SET statement_timeout = '10s';
        SELECT count(*) FROM pgml.embed('{MODEL}', ARRAY(
            SELECT repeat('some words ', 60) || i FROM generate_series(1, 2000) AS i))
    """
    running = subprocess.Popen(["psql", "-X", "-c", batch, backend.url], stdout=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        started = time.monotonic()
        client.execute("SELECT pgml.embed(%s, 'short')", [MODEL])
        assert time.monotonic() - started < 3
        assert running.poll() is None
    finally:
        running.send_signal(signal.SIGINT)  # psql cancels its statement; killed, it would leave the server at work
        running.wait()


def test_embeddings_work_in_parallel_workers(backend, client):
    client.execute("SET force_parallel_mode = on")
    query = "SELECT pgml.embed('all-MiniLM-L6-v2', body) FROM app.inbox WHERE id = 1"
    assert len(value(client, query)) == 384
    client.execute("SET statement_timeout = '300ms'")
    error = refusal(client, "SELECT count(*) FROM app.inbox, pgml.embed(%s, ARRAY("
                            "SELECT repeat(body, 40) || i FROM generate_series(1, 500) AS i))", MODEL)
    assert error.sqlstate == "57014"


def test_explain_alone_runs_the_model_because_embed_is_immutable(client):
    plan = column(client, "EXPLAIN (VERBOSE) SELECT pgml.embed(%s, 'constant')" % repr(MODEL))
    assert "pgml.embed" not in "\n".join(plan)
    assert refusal(client, "EXPLAIN SELECT pgml.embed('no such model', 'constant')").sqlstate == "0A000"


# What postgres_fdw does to it


def test_everything_works_with_the_search_path_of_postgres_fdw(client):
    client.execute("SET search_path = pg_catalog")
    similarities = column(client, """
        SELECT pgml.cosine_similarity(a.embedding, b.embedding)
        FROM app.inbox_embedded AS a, app.inbox_embedded AS b WHERE a.id = 1 ORDER BY b.id
    """)
    assert similarities == pytest.approx([1, 0.695, 0.943, 0.257], abs=0.0006)
    assert column(client, "SELECT chunk FROM pgml.chunk('markdown', 'a text')") == ["a text"]
    assert value(client, "SELECT pgml.normalize_l2(ARRAY[3, 4]::real[])") == pytest.approx([0.6, 0.8])
    assert value(client, "SELECT pgml.sum(v) FROM (VALUES (ARRAY[1, 2]::real[]), (ARRAY[3, 4])) AS t(v)") == [4, 6]
    assert len(value(client, "SELECT pgml.transform('feature-extraction', inputs => ARRAY['a'])")) == 1
    assert refusal(client, "SELECT pgml.train('p')").sqlstate == "0A000"


def test_rows_of_a_foreign_table_come_through_a_cursor_and_can_be_written(client):
    with client.transaction(force_rollback=True):
        client.execute("DECLARE c1 CURSOR FOR\nSELECT id, embedding FROM app.inbox_embedded WHERE ((id = 2))")
        assert len(client.execute("FETCH 100 FROM c1").fetchall()[0][1]) == 384
        client.execute("INSERT INTO app.inbox(id, body) VALUES (%s, %s)", (100, "new"))
        client.execute("UPDATE app.inbox SET embedding = pgml.embed(%s, body) WHERE id = 100", [MODEL])
        client.execute("CLOSE c1")
        client.execute("TRUNCATE app.inbox CONTINUE IDENTITY RESTRICT")


# chunk


@pytest.mark.parametrize("splitter, text, kwargs, chunks", [
    ("character", "one\n\ntwo\n\nthree", '{"chunk_size": 8, "chunk_overlap": 0}', ["one\n\ntwo", "three"]),
    ("character", "a,b,c", '{"separator": ",", "chunk_size": 3, "chunk_overlap": 1}', ["a,b", "b,c"]),
    ("recursive_character", "aaa bbb ccc ddd", '{"chunk_size": 8, "chunk_overlap": 4}',
     ["aaa bbb", "bbb ccc", "ccc ddd"]),
    ("recursive_character", "abcdefghij", '{"chunk_size": 4, "chunk_overlap": 1}', ["abcd", "defg", "ghij"]),
    ("python", "x = 1\ndef f():\n    pass\ndef g():\n    pass", '{"chunk_size": 22, "chunk_overlap": 0}',
     ["x = 1", "def f():\n    pass", "def g():\n    pass"]),
    ("markdown", "# A\n\ntext of a\n\n# B\n\ntext of b", '{"chunk_size": 16, "chunk_overlap": 0}',
     ["# A\n\ntext of a", "# B\n\ntext of b"]),
    ("latex", "word $x$ word", '{"chunk_size": 6, "chunk_overlap": 0}', ["word", "$x", "$ word"]),
    ("recursive_character", "", "{}", []),
])
def test_chunks_are_those_of_the_splitter(client, splitter, text, kwargs, chunks):
    rows = client.execute("SELECT * FROM pgml.chunk(%s, %s, %s)", (splitter, text, kwargs)).fetchall()
    assert rows == list(enumerate(chunks, start=1))


def test_splitters_that_are_not_there_are_refused(client):
    for splitter in ("nltk", "spacy"):
        assert refusal(client, "SELECT pgml.chunk(%s, 'text')", splitter).sqlstate == "0A000"
    error = refusal(client, "SELECT pgml.chunk('paragraph', 'text')")
    assert (error.sqlstate, error.diag.message_primary) == ("22023", "Unknown splitter: paragraph")
    pattern = """SELECT pgml.chunk('character', 'text', '{"is_separator_regex": true}')"""
    assert refusal(client, pattern).sqlstate == "22023"


# transform


def test_feature_extraction_gives_a_vector_a_token(client):
    result = value(client, "SELECT pgml.transform('feature-extraction', inputs => ARRAY['a happy dog', 'dog'])")
    assert [[len(tokens) for tokens in item] for item in result] == [[5], [3]]
    assert {len(vector) for item in result for tokens in item for vector in tokens} == {384}


def test_other_tasks_and_models_are_refused(client):
    error = refusal(client, "SELECT pgml.transform('summarization', inputs => ARRAY['text'])")
    assert (error.sqlstate, bool(error.diag.message_hint)) == ("0A000", True)
    task = """'{"task": "feature-extraction", "model": "gpt2"}'::jsonb"""
    assert refusal(client, f"SELECT pgml.transform({task}, inputs => ARRAY['text'])").sqlstate == "0A000"


def test_the_whitelist_setting_works_as_upstream_and_is_as_weak(client):
    query = "SELECT pgml.transform('feature-extraction', inputs => ARRAY['text'])"
    client.execute("SET pgml.huggingface_whitelist = 'gpt2, facebook/opt'")
    assert "is not whitelisted" in refusal(client, query).diag.message_primary
    client.execute("SET pgml.huggingface_whitelist = ''")
    client.execute(query)


def test_echo_streams_the_words_of_its_input(client):
    stream = """SELECT pgml.transform_stream('{"task": "text-generation", "model": "embedded/echo"}'::jsonb,"""
    assert column(client, stream + " input => 'one two  three')") == [["one "], ["two  "], ["three"]]
    message = """ARRAY['{"role": "user", "content": "a b"}'::jsonb]"""
    assert column(client, f"SELECT pgml.transform_stream('embedded/echo', inputs => {message})") == [["a "], ["b"]]
    with client.transaction():
        client.execute(f"DECLARE words CURSOR FOR {stream} input => 'one two')")
        assert client.execute("FETCH 1 FROM words").fetchall() == [(["one "],)]
    assert refusal(client, "SELECT pgml.transform_stream('text-generation', input => 'x')").sqlstate == "0A000"


# Vectors


@pytest.mark.parametrize("kind", ["real", "double precision"])
@pytest.mark.parametrize("expression, expected", [
    ("pgml.add({a}, 1)", [2, -1, 4]),
    ("pgml.subtract({a}, {b})", [-3, -7, -3]),
    ("pgml.multiply({a}, 2)", [2, -4, 6]),
    ("pgml.divide({a}, 2)", [0.5, -1, 1.5]),
    ("pgml.divide({a}, 0)", [float("inf"), float("-inf"), float("inf")]),
    ("pgml.add({a}, ARRAY[1]::{t}[])", [2]),
    ("pgml.add(ARRAY[]::{t}[], 1)", []),
    ("pgml.norm_l0(ARRAY[0, 5, 0]::{t}[])", 1),
    ("pgml.norm_l1({a})", 6),
    ("pgml.norm_l2(ARRAY[3, 4]::{t}[])", 5),
    ("pgml.norm_max({a})", 3),
    ("pgml.normalize_l1(ARRAY[1, -3]::{t}[])", [0.25, -0.75]),
    ("pgml.normalize_max(ARRAY[1, -4]::{t}[])", [0.25, -1]),
    ("pgml.distance_l1({a}, {b})", 13),
    ("pgml.distance_l2({a}, {b})", 67 ** 0.5),
    ("pgml.dot_product({a}, {b})", 4 - 10 + 18),
    ("pgml.cosine_similarity({a}, {a})", 1),
])
def test_vector_functions(client, kind, expression, expected):
    query = expression.format(a=f"ARRAY[1, -2, 3]::{kind}[]", b=f"ARRAY[4, 5, 6]::{kind}[]", t=kind)
    assert value(client, f"SELECT {query}") == pytest.approx(expected)
    assert value(client, f"SELECT pg_typeof({query})::text") == kind + ("[]" if isinstance(expected, list) else "")


@pytest.mark.parametrize("kind", ["real", "double precision"])
@pytest.mark.parametrize("aggregate, expected", [
    ("sum", [-2, -1]), ("max", [1, 1]), ("min", [-3, -2]), ("max_abs", [3, 2]), ("min_abs", [1, 1]),
])
def test_vector_aggregates(client, kind, aggregate, expected):
    rows = f"(VALUES (ARRAY[1, -2]::{kind}[]), (NULL), (ARRAY[-3, 1]::{kind}[])) AS t(v)"
    assert value(client, f"SELECT pgml.{aggregate}(v) FROM {rows}") == expected
    assert value(client, f"SELECT pgml.{aggregate}(v) FROM {rows} WHERE false") == []


def test_a_null_element_raises(client):
    assert isinstance(refusal(client, "SELECT pgml.add(ARRAY[1, NULL]::real[], 1)"), errors.NullValueNotAllowed)


# Refusals


@pytest.mark.parametrize("call", [
    "train('p', 'regression', 'r', 'y')", "train_joint('p')", "deploy(1)", "deploy('p', 'rollback')", "tune('p')",
    "predict('p', ARRAY[1]::real[])", "predict('p', ROW(1))", "predict_batch('p', ARRAY[1]::real[])",
    "snapshot('r', 'y')", "load_dataset('iris')", "rank('m', 'q', ARRAY['d'])", "generate('p', 'i')",
    "activate_venv('/x')", "dump_all('/x')", "load_all('/x')", "python_version()", "python_package_version('os')",
    "python_pip_freeze()", "clear_gpu_cache()", "validate_shared_library()", "auto_updated_at('app.inbox')",
])
def test_what_the_backend_cannot_do_it_refuses_by_name(client, call):
    error = refusal(client, f"SELECT * FROM pgml.{call}")
    assert error.sqlstate == "0A000"
    assert error.diag.message_primary == f"pgml.{call.partition('(')[0]} is not supported by the embedded backend"
    assert "DATABASE_URL" in error.diag.message_hint


# Who gets in, and how it ends


def test_a_password_is_asked_for_and_the_superuser_is_not_let_in_over_tcp(backend):
    for wrong in (f"{backend.url.replace(':ml@', ':no@')}", backend.url.replace("pg:ml@", "postgres:ml@")):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(wrong)


def test_the_application_role_cannot_create_anything_lasting(client, superuser):
    assert value(superuser, "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = 'pg'") is False
    creatable = "SELECT count(*) FROM pg_namespace WHERE has_schema_privilege('pg', oid, 'CREATE')"
    assert value(superuser, creatable) == 0
    assert refusal(client, "SELECT * FROM pgml.files").sqlstate == "42501"


def test_every_statement_that_reaches_it_is_in_the_log(backend, client):
    client.execute("SELECT 'in the simple query protocol'")
    client.execute("SELECT %s::text", ["as a parameter"])
    refusal(client, "SELECT no_such_column")
    log = backend.log()
    for expected in ("'in the simple query protocol'", "$1 = 'as a parameter'", "STATEMENT:  SELECT no_such_column"):
        assert expected in log


def test_start_and_stop_leave_nothing_behind_and_start_again():
    command = str(REPOSITORY / "backend" / "backend")
    running = start_backend()
    directory, port, process = running.directory, running.port, running.process
    try:
        process.terminate()
        process.wait()
        assert not (directory / "data" / "postmaster.pid").exists()
        started = subprocess.run([command, "start", directory, str(port)], capture_output=True, text=True)
        assert started.stdout == f"{running.url}\n", started.stderr
        second = subprocess.run([command, "start", directory, str(port)], capture_output=True, text=True)
        assert second.returncode != 0 and "already running" in second.stderr
        subprocess.run([command, "stop", directory], check=True)
        subprocess.run([command, "stop", directory], check=True)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(running.url)
    finally:
        subprocess.run([command, "stop", directory])
        running.stop()


def test_it_ends_when_the_one_that_runs_it_is_killed():
    running = start_backend()
    pid_files = (running.directory / "run" / "model.pid", running.directory / "data" / "postmaster.pid")
    pids = [int(path.read_text().split()[0]) for path in pid_files]
    running.process.kill()
    try:
        deadline = time.monotonic() + 10
        while any(is_running(pid) for pid in pids):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        running.stop()


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
