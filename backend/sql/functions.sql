-- The functions of PostgresML 2.10 that really work here: embeddings, chunking, feature extraction, vectors.
-- Signatures, volatility, strictness and parallel safety are PostgresML's own. Everything is schema-qualified, because
-- postgres_fdw runs with search_path = pg_catalog.

CREATE FUNCTION pgml.version() RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT '2.10.0 (embedded backend)'::pg_catalog.text$$;

---------------------------------------------------------------------------------------------------------------------
-- Models
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION pgml_backend.require_embedding_model(model text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF model IS NULL OR model NOT IN ('sentence-transformers/all-MiniLM-L6-v2', 'all-MiniLM-L6-v2') THEN
        RAISE EXCEPTION 'model "%" is not available in the embedded backend', model
            USING ERRCODE = 'feature_not_supported',
                HINT = 'Available are "sentence-transformers/all-MiniLM-L6-v2" and its short form "all-MiniLM-L6-v2".';
    END IF;
END
$$;

CREATE FUNCTION pgml_backend.require_no_null(elements anyarray) RETURNS anyarray
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    IF pg_catalog.array_position(elements, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'array contains NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    RETURN elements;
END
$$;

-- One exchange with the model service, whose socket lies beside the data directory, a server process's working
-- directory. Returns one row a text: how many vectors, and their numbers one after the other.
--
-- PostgreSQL cannot interrupt Python code. So this waits in short steps, and looks itself at the two flags that a
-- cancel, a timeout or a termination sets; then it hangs up, which makes the service drop the work, and returns
-- nothing: the plpgsql function that called it is interrupted at its next statement. (plpy.execute would be
-- interrupted too, but needs a subtransaction, which a parallel query may not start.)
CREATE FUNCTION pgml_backend.ask_model(kind text, texts text[]) RETURNS TABLE(vectors integer, numbers real[])
    LANGUAGE plpython3u IMMUTABLE STRICT PARALLEL SAFE
AS $python$
import array, ctypes, json, math, socket, struct

server = ctypes.CDLL(None)
interrupts = [ctypes.c_int.in_dll(server, name) for name in ("QueryCancelPending", "ProcDiePending")]

def interrupted():
    return any(flag.value for flag in interrupts)

def send(connection, data):
    while data and not interrupted():
        try:
            data = data[connection.send(data):]
        except socket.timeout:
            pass
    return not data

def receive(connection, length):
    data = bytearray()
    while len(data) < length and not interrupted():
        try:
            piece = connection.recv(min(length - len(data), 1 << 20))
        except socket.timeout:
            continue
        if not piece:
            raise ConnectionError("it hung up")
        data += piece
    return data if len(data) == length else None

try:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(0.05)
        connection.connect("../run/model.sock")
        request = json.dumps({"kind": kind, "texts": texts}).encode()
        if not send(connection, memoryview(struct.pack(">I", len(request)) + request)):
            return []
        length = receive(connection, 4)
        header = length and receive(connection, struct.unpack(">I", length)[0])
        if not header:
            return []
        answer = []
        for rows, columns in json.loads(header)["shapes"]:
            data = receive(connection, 4 * rows * columns)
            if data is None:
                return []
            numbers = array.array("f", bytes(data)).tolist()
            if not math.isfinite(sum(numbers)):
                raise ConnectionError("it answered with a number that is none")
            answer.append((rows, numbers))
        return answer
except OSError as error:
    plpy.error(f"the model service does not answer: {error}", sqlstate="58000", hint="model.log beside it may say why")
$python$;

---------------------------------------------------------------------------------------------------------------------
-- embed
---------------------------------------------------------------------------------------------------------------------

-- Keyword arguments that change nothing here are accepted, `prompt` is honoured, everything else is refused by name.
CREATE FUNCTION pgml_backend.require_embed_kwargs(kwargs jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    refused text;
BEGIN
    SELECT entry.key INTO refused FROM pg_catalog.jsonb_each(kwargs) AS entry
    WHERE entry.key NOT IN ('prompt', 'batch_size', 'normalize_embeddings', 'show_progress_bar', 'convert_to_numpy')
        AND (entry.key, entry.value) NOT IN (('device', '"cpu"'), ('trust_remote_code', 'false'))
    LIMIT 1;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'keyword argument "%" of pgml.embed is not supported by the embedded backend', refused
            USING ERRCODE = 'feature_not_supported',
                HINT = 'Supported are prompt, batch_size, normalize_embeddings, show_progress_bar, convert_to_numpy.';
    END IF;
END
$$;

CREATE FUNCTION pgml.embed(transformer text, text text, kwargs jsonb DEFAULT '{}') RETURNS real[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    embedding real[];
BEGIN
    PERFORM pgml_backend.require_embedding_model(transformer);
    PERFORM pgml_backend.require_embed_kwargs(kwargs);
    SELECT answer.numbers INTO embedding
    FROM pgml_backend.ask_model('sentence', ARRAY[pg_catalog.concat(kwargs ->> 'prompt', text)]) AS answer;
    RETURN embedding;
END
$$;

CREATE FUNCTION pgml.embed(transformer text, inputs text[], kwargs jsonb DEFAULT '{}') RETURNS SETOF real[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    PERFORM pgml_backend.require_embedding_model(transformer);
    PERFORM pgml_backend.require_embed_kwargs(kwargs);
    RETURN QUERY
        SELECT answer.numbers
        FROM pgml_backend.ask_model('sentence', ARRAY(
            SELECT pg_catalog.concat(kwargs ->> 'prompt', input.text)
            FROM pg_catalog.unnest(pgml_backend.require_no_null(inputs)) WITH ORDINALITY AS input(text, number)
            ORDER BY input.number
        )) AS answer;
    RETURN;
END
$$;

---------------------------------------------------------------------------------------------------------------------
-- chunk
---------------------------------------------------------------------------------------------------------------------

-- Text splitters that give the chunks LangChain's give. Separators are literal, as they are in PostgresML: a regular
-- expression from a client could keep a server process busy for ever, and Python cannot be interrupted in it.
CREATE FUNCTION pgml_backend.split(splitter text, text text, kwargs text) RETURNS SETOF text
    LANGUAGE plpython3u IMMUTABLE STRICT PARALLEL SAFE
AS $python$
import json, re

SEPARATORS = {
    "recursive_character": ["\n\n", "\n", " ", ""],
    "python": ["\nclass ", "\ndef ", "\n\tdef ", "\n\n", "\n", " ", ""],
    # Written as regular expressions and, as in PostgresML, taken literally.
    "markdown": ["\n#{1,6} ", "```\n", "\n\\*\\*\\*+\n", "\n---+\n", "\n___+\n", "\n\n", "\n", " ", ""],
    "latex": [
        *("\n\\\\" + command + "{" for command in ("chapter", "section", "subsection", "subsubsection")),
        *("\n\\\\begin{" + name + "}" for name in (
            "enumerate", "itemize", "description", "list", "quote", "quotation", "verse", "verbatim", "align",
        )),
        "$$", "$", " ", "",
    ],
}

def invalid(message):
    plpy.error(message, sqlstate="22023")

options = json.loads(kwargs)
by_character = splitter == "character"
known = {"chunk_size": int, "chunk_overlap": int, "keep_separator": bool, "strip_whitespace": bool}
if by_character:
    known["separator"] = str
elif splitter == "recursive_character":
    known["separators"] = list
for name, value in options.items():
    if name not in known:
        invalid(f"keyword argument {name!r} of splitter {splitter!r} is not supported; supported: {', '.join(known)}")
    if type(value) is not known[name]:
        invalid(f"keyword argument {name!r} must be of type {known[name].__name__}")
chunk_size = options.get("chunk_size", 4000)
overlap = options.get("chunk_overlap", 200)
keep_separator = options.get("keep_separator", not by_character)
strip_whitespace = options.get("strip_whitespace", True)
if chunk_size < 1 or overlap < 0 or overlap > chunk_size:
    invalid(f"chunk_size ({chunk_size}) must be positive and chunk_overlap ({overlap}) between 0 and chunk_size")

def pieces(text, separator):
    """The text cut at each separator; a separator that is kept stays at the head of what follows it."""
    if not separator:
        return list(text)
    first, *others = text.split(separator)
    if keep_separator:
        others = [separator + other for other in others]
    return [piece for piece in [first, *others] if piece]

def merged(parts, glue):
    """Joins parts to chunks as long as possible, each beginning with as much of the one before as overlap allows."""
    chunks, current, total = [], [], 0
    for part in parts:
        if current and total + len(part) + len(glue) > chunk_size:
            chunks.append(glue.join(current))
            while current and (
                total > overlap or total + len(part) + (len(glue) if current else 0) > chunk_size
            ):
                total -= len(current[0]) + (len(glue) if len(current) > 1 else 0)
                current.pop(0)
        current.append(part)
        total += len(part) + (len(glue) if len(current) > 1 else 0)
    if current:
        chunks.append(glue.join(current))
    if strip_whitespace:
        chunks = [chunk.strip() for chunk in chunks]
    return [chunk for chunk in chunks if chunk]

def recursively_split(text, separators):
    position = next((i for i, s in enumerate(separators) if s == "" or s in text), len(separators) - 1)
    separator, finer = separators[position], separators[position + 1:]
    glue = "" if keep_separator else separator
    chunks, short = [], []
    for piece in pieces(text, separator):
        if len(piece) < chunk_size:
            short.append(piece)
            continue
        chunks += merged(short, glue)
        short = []
        chunks += recursively_split(piece, finer) if finer else [piece]
    return chunks + merged(short, glue)

if by_character:
    separator = options.get("separator", "\n\n")
    return merged(pieces(text, separator), "" if keep_separator else separator)
separators = options.get("separators", SEPARATORS[splitter] if splitter in SEPARATORS else [""])
if not separators or not all(isinstance(separator, str) for separator in separators):
    invalid("keyword argument 'separators' must be a list of strings")
return recursively_split(text, separators)
$python$;

CREATE FUNCTION pgml.chunk(splitter text, text text, kwargs jsonb DEFAULT '{}')
    RETURNS TABLE(chunk_index bigint, chunk text)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    IF splitter IN ('nltk', 'spacy') THEN
        RAISE EXCEPTION 'splitter "%" is not supported by the embedded backend', splitter
            USING ERRCODE = 'feature_not_supported',
                HINT = 'Available are character, recursive_character, markdown, python and latex.';
    ELSIF splitter NOT IN ('character', 'recursive_character', 'markdown', 'python', 'latex') THEN
        RAISE EXCEPTION 'Unknown splitter: %', splitter
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'Available are character, recursive_character, markdown, python and latex.';
    END IF;
    RETURN QUERY
        SELECT piece.number, piece.text
        FROM pgml_backend.split(splitter, text, kwargs::pg_catalog.text) WITH ORDINALITY AS piece(text, number);
END
$$;

---------------------------------------------------------------------------------------------------------------------
-- transform
---------------------------------------------------------------------------------------------------------------------

-- Upstream's own check of the model, which a client can switch off by itself: pgml.huggingface_whitelist is a setting
-- that everybody may SET.
CREATE FUNCTION pgml_backend.require_whitelisted(model text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    whitelist text := pg_catalog.current_setting('pgml.huggingface_whitelist', true);
BEGIN
    IF whitelist <> '' AND model <> ALL (pg_catalog.regexp_split_to_array(whitelist, '\s*,\s*')) THEN
        RAISE EXCEPTION
            'model % is not whitelisted. Consider adding to `pgml.huggingface_whitelist` in postgresql.conf', model
            USING ERRCODE = 'internal_error';
    END IF;
END
$$;

CREATE FUNCTION pgml_backend.refuse_task(task text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'task "%" is not supported by the embedded backend', task
        USING ERRCODE = 'feature_not_supported',
            HINT = 'pgml.transform does "feature-extraction", pgml.transform_stream only the model "embedded/echo".';
END
$$;

-- feature-extraction: for each input a list of one list of token vectors, as a transformers pipeline gives it.
CREATE FUNCTION pgml.transform(
    task jsonb, args jsonb DEFAULT '{}', inputs text[] DEFAULT ARRAY[]::text[], cache boolean DEFAULT false
)
    RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    model text := coalesce(task ->> 'model', 'sentence-transformers/all-MiniLM-L6-v2');
    result jsonb;
BEGIN
    IF task ->> 'task' IS DISTINCT FROM 'feature-extraction' THEN
        PERFORM pgml_backend.refuse_task(task ->> 'task');
    END IF;
    PERFORM pgml_backend.require_whitelisted(model);
    PERFORM pgml_backend.require_embedding_model(model);
    SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array((
            SELECT pg_catalog.jsonb_agg(
                pg_catalog.to_jsonb(answer.numbers[384 * token + 1 : 384 * (token + 1)]) ORDER BY token
            )
            FROM pg_catalog.generate_series(0, answer.vectors - 1) AS token
        )) ORDER BY answer.number)
    INTO result
    FROM pgml_backend.ask_model('tokens', pgml_backend.require_no_null(inputs))
        WITH ORDINALITY AS answer(vectors, numbers, number);
    RETURN coalesce(result, '[]');
END
$$;

CREATE FUNCTION pgml.transform(
    task text, args jsonb DEFAULT '{}', inputs text[] DEFAULT ARRAY[]::text[], cache boolean DEFAULT false
)
    RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT pgml.transform(pg_catalog.jsonb_build_object('task', task), args, inputs, cache)$$;

CREATE FUNCTION pgml.transform(
    task jsonb, args jsonb DEFAULT '{}', inputs jsonb[] DEFAULT ARRAY[]::jsonb[], cache boolean DEFAULT false
)
    RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse_task(task ->> 'task'); END$$;

CREATE FUNCTION pgml.transform(
    task text, args jsonb DEFAULT '{}', inputs jsonb[] DEFAULT ARRAY[]::jsonb[], cache boolean DEFAULT false
)
    RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse_task(task); END$$;

-- What there is to stream: `embedded/echo` gives the words of its input back, each with the space that follows it. It
-- generates nothing, and exists so that a stream of rows can be tried.
CREATE FUNCTION pgml_backend.require_echo(task jsonb) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    IF task ->> 'model' IS NULL AND task ->> 'task' IS DISTINCT FROM 'embedded/echo' THEN
        PERFORM pgml_backend.refuse_task(task ->> 'task');
    ELSIF task ->> 'model' <> 'embedded/echo' THEN
        RAISE EXCEPTION 'model "%" is not available in the embedded backend', task ->> 'model'
            USING ERRCODE = 'feature_not_supported', HINT = 'Available for streaming is only "embedded/echo".';
    END IF;
    RETURN true;
END
$$;

CREATE FUNCTION pgml.transform_stream(
    task jsonb, args jsonb DEFAULT '{}', input text DEFAULT '', cache boolean DEFAULT false
)
    RETURNS SETOF jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT pg_catalog.jsonb_build_array(word[1])
    FROM pg_catalog.regexp_matches(input, '\s*\S+\s*', 'g') AS word
    WHERE pgml_backend.require_echo(task)
$$;

CREATE FUNCTION pgml.transform_stream(
    task text, args jsonb DEFAULT '{}', input text DEFAULT '', cache boolean DEFAULT false
)
    RETURNS SETOF jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT pgml.transform_stream(pg_catalog.jsonb_build_object('task', task), args, input, cache)$$;

-- A conversation: its last message is what is echoed.
CREATE FUNCTION pgml.transform_stream(
    task jsonb, args jsonb DEFAULT '{}', inputs jsonb[] DEFAULT ARRAY[]::jsonb[], cache boolean DEFAULT false
)
    RETURNS SETOF jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT pgml.transform_stream(
        task, args, pg_catalog.concat(inputs[pg_catalog.array_upper(inputs, 1)] ->> 'content'), cache
    )
$$;

CREATE FUNCTION pgml.transform_stream(
    task text, args jsonb DEFAULT '{}', inputs jsonb[] DEFAULT ARRAY[]::jsonb[], cache boolean DEFAULT false
)
    RETURNS SETOF jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT pgml.transform_stream(pg_catalog.jsonb_build_object('task', task), args, inputs, cache)$$;

---------------------------------------------------------------------------------------------------------------------
-- Vectors, in single and double precision. NULL elements raise; of two vectors the shorter decides the length.
---------------------------------------------------------------------------------------------------------------------

-- IEEE 754 division, which PostgresML does: by zero it gives an infinity or NaN, where PostgreSQL's operator raises.
CREATE FUNCTION pgml_backend.quotient(numerator real, denominator real) RETURNS real
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN denominator <> 0 THEN numerator / denominator
        WHEN numerator = 0 OR numerator = 'NaN' THEN 'NaN'
        WHEN numerator > 0 THEN 'Infinity'
        ELSE '-Infinity'
    END
$$;

CREATE FUNCTION pgml_backend.quotient(numerator double precision, denominator double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN denominator <> 0 THEN numerator / denominator
        WHEN numerator = 0 OR numerator = 'NaN' THEN 'NaN'
        WHEN numerator > 0 THEN 'Infinity'
        ELSE '-Infinity'
    END
$$;

-- The elements of two vectors side by side, as far as both go.
CREATE FUNCTION pgml_backend.pairs(a real[], b real[]) RETURNS TABLE(i bigint, x real, y real)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT element.i, element.x, element.y
    FROM ROWS FROM (
        pg_catalog.unnest(pgml_backend.require_no_null(a)), pg_catalog.unnest(pgml_backend.require_no_null(b))
    ) WITH ORDINALITY AS element(x, y, i)
    WHERE element.x IS NOT NULL AND element.y IS NOT NULL
$$;

CREATE FUNCTION pgml_backend.pairs(a double precision[], b double precision[])
    RETURNS TABLE(i bigint, x double precision, y double precision)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT element.i, element.x, element.y
    FROM ROWS FROM (
        pg_catalog.unnest(pgml_backend.require_no_null(a)), pg_catalog.unnest(pgml_backend.require_no_null(b))
    ) WITH ORDINALITY AS element(x, y, i)
    WHERE element.x IS NOT NULL AND element.y IS NOT NULL
$$;

CREATE FUNCTION pgml.add(vector real[], addend real) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x + addend ORDER BY element.i), '{}')
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) WITH ORDINALITY AS element(x, i)
$$;

CREATE FUNCTION pgml.add(vector double precision[], addend double precision) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x + addend ORDER BY element.i), '{}')
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) WITH ORDINALITY AS element(x, i)
$$;

CREATE FUNCTION pgml.add(vector real[], addend real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x + element.y ORDER BY element.i), '{}')
    FROM pgml_backend.pairs(vector, addend) AS element
$$;

CREATE FUNCTION pgml.add(vector double precision[], addend double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x + element.y ORDER BY element.i), '{}')
    FROM pgml_backend.pairs(vector, addend) AS element
$$;

CREATE FUNCTION pgml.subtract(vector real[], subtahend real) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x - subtahend ORDER BY element.i), '{}')
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) WITH ORDINALITY AS element(x, i)
$$;

CREATE FUNCTION pgml.subtract(vector double precision[], subtahend double precision) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x - subtahend ORDER BY element.i), '{}')
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) WITH ORDINALITY AS element(x, i)
$$;

CREATE FUNCTION pgml.subtract(vector real[], subtahend real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x - element.y ORDER BY element.i), '{}')
    FROM pgml_backend.pairs(vector, subtahend) AS element
$$;

CREATE FUNCTION pgml.subtract(vector double precision[], subtahend double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x - element.y ORDER BY element.i), '{}')
    FROM pgml_backend.pairs(vector, subtahend) AS element
$$;

CREATE FUNCTION pgml.multiply(vector real[], multiplicand real) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x * multiplicand ORDER BY element.i), '{}')
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) WITH ORDINALITY AS element(x, i)
$$;

CREATE FUNCTION pgml.multiply(vector double precision[], multiplicand double precision) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x * multiplicand ORDER BY element.i), '{}')
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) WITH ORDINALITY AS element(x, i)
$$;

CREATE FUNCTION pgml.multiply(vector real[], multiplicand real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x * element.y ORDER BY element.i), '{}')
    FROM pgml_backend.pairs(vector, multiplicand) AS element
$$;

CREATE FUNCTION pgml.multiply(vector double precision[], multiplicand double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(element.x * element.y ORDER BY element.i), '{}')
    FROM pgml_backend.pairs(vector, multiplicand) AS element
$$;

CREATE FUNCTION pgml.divide(vector real[], dividend real) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(pgml_backend.quotient(element.x, dividend) ORDER BY element.i), '{}')
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) WITH ORDINALITY AS element(x, i)
$$;

CREATE FUNCTION pgml.divide(vector double precision[], dividend double precision) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(pgml_backend.quotient(element.x, dividend) ORDER BY element.i), '{}')
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) WITH ORDINALITY AS element(x, i)
$$;

CREATE FUNCTION pgml.divide(vector real[], dividend real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(pgml_backend.quotient(element.x, element.y) ORDER BY element.i), '{}')
    FROM pgml_backend.pairs(vector, dividend) AS element
$$;

CREATE FUNCTION pgml.divide(vector double precision[], dividend double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(pgml_backend.quotient(element.x, element.y) ORDER BY element.i), '{}')
    FROM pgml_backend.pairs(vector, dividend) AS element
$$;

CREATE FUNCTION pgml.norm_l0(vector real[]) RETURNS real
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT (pg_catalog.count(*) FILTER (WHERE x <> 0))::real
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) AS x
$$;

CREATE FUNCTION pgml.norm_l0(vector double precision[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT (pg_catalog.count(*) FILTER (WHERE x <> 0))::double precision
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) AS x
$$;

CREATE FUNCTION pgml.norm_l1(vector real[]) RETURNS real
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.sum(pg_catalog.abs(x)), 0)
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) AS x
$$;

CREATE FUNCTION pgml.norm_l1(vector double precision[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.sum(pg_catalog.abs(x)), 0)
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) AS x
$$;

CREATE FUNCTION pgml.norm_l2(vector real[]) RETURNS real
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT (pg_catalog.sqrt(coalesce(pg_catalog.sum(x::double precision * x), 0)))::real
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) AS x
$$;

CREATE FUNCTION pgml.norm_l2(vector double precision[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT pg_catalog.sqrt(coalesce(pg_catalog.sum(x * x), 0))
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) AS x
$$;

CREATE FUNCTION pgml.norm_max(vector real[]) RETURNS real
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.max(pg_catalog.abs(x)), 0)
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) AS x
$$;

CREATE FUNCTION pgml.norm_max(vector double precision[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.max(pg_catalog.abs(x)), 0)
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) AS x
$$;

CREATE FUNCTION pgml.normalize_l1(vector real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT pgml.divide(vector, pgml.norm_l1(vector))$$;

CREATE FUNCTION pgml.normalize_l1(vector double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT pgml.divide(vector, pgml.norm_l1(vector))$$;

CREATE FUNCTION pgml.normalize_l2(vector real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT pgml.divide(vector, pgml.norm_l2(vector))$$;

CREATE FUNCTION pgml.normalize_l2(vector double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT pgml.divide(vector, pgml.norm_l2(vector))$$;

CREATE FUNCTION pgml.normalize_max(vector real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT pgml.divide(vector, pgml.norm_max(vector))$$;

CREATE FUNCTION pgml.normalize_max(vector double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT pgml.divide(vector, pgml.norm_max(vector))$$;

CREATE FUNCTION pgml.distance_l1(vector real[], other real[]) RETURNS real
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT coalesce(pg_catalog.sum(pg_catalog.abs(x - y)), 0) FROM pgml_backend.pairs(vector, other)$$;

CREATE FUNCTION pgml.distance_l1(vector double precision[], other double precision[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT coalesce(pg_catalog.sum(pg_catalog.abs(x - y)), 0) FROM pgml_backend.pairs(vector, other)$$;

CREATE FUNCTION pgml.distance_l2(vector real[], other real[]) RETURNS real
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT pg_catalog.sqrt(coalesce(pg_catalog.sum((x - y)::double precision * (x - y)), 0))::real
    FROM pgml_backend.pairs(vector, other)
$$;

CREATE FUNCTION pgml.distance_l2(vector double precision[], other double precision[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT pg_catalog.sqrt(coalesce(pg_catalog.sum((x - y) * (x - y)), 0))
    FROM pgml_backend.pairs(vector, other)
$$;

-- PostgresML reads as many elements of `other` as `vector` has, if need be past its end: here a shorter one raises.
CREATE FUNCTION pgml_backend.require_length(vector anyarray, at_least integer) RETURNS anyarray
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    IF pg_catalog.cardinality(vector) < at_least THEN
        RAISE EXCEPTION 'the second vector has % elements, the first %', pg_catalog.cardinality(vector), at_least
            USING ERRCODE = 'array_subscript_error';
    END IF;
    RETURN vector;
END
$$;

CREATE FUNCTION pgml.dot_product(vector real[], other real[]) RETURNS real
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.sum(x::double precision * y), 0)::real
    FROM pgml_backend.pairs(vector, pgml_backend.require_length(other, pg_catalog.cardinality(vector)))
$$;

CREATE FUNCTION pgml.dot_product(vector double precision[], other double precision[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.sum(x * y), 0)
    FROM pgml_backend.pairs(vector, pgml_backend.require_length(other, pg_catalog.cardinality(vector)))
$$;

CREATE FUNCTION pgml.cosine_similarity(vector real[], other real[]) RETURNS real
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pgml_backend.quotient(
        pg_catalog.sum(x::double precision * y),
        pg_catalog.sqrt(
            pg_catalog.sum(x::double precision * x) * pg_catalog.sum(y::double precision * y)
        )
    ), 'NaN')::real
    FROM pgml_backend.pairs(vector, pgml_backend.require_length(other, pg_catalog.cardinality(vector)))
$$;

CREATE FUNCTION pgml.cosine_similarity(vector double precision[], other double precision[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pgml_backend.quotient(
        pg_catalog.sum(x * y),
        pg_catalog.sqrt(pg_catalog.sum(x * x) * pg_catalog.sum(y * y))
    ), 'NaN')
    FROM pgml_backend.pairs(vector, pgml_backend.require_length(other, pg_catalog.cardinality(vector)))
$$;

---------------------------------------------------------------------------------------------------------------------
-- Aggregates of vectors, element by element. The first vector fixes the length; no row gives an empty array.
---------------------------------------------------------------------------------------------------------------------

-- The first vector of an aggregate and the next one, padded or cut to the first one's length.
CREATE FUNCTION pgml.sum_s_state(this real[], arg_one real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN arg_one IS NULL THEN this
        WHEN this IS NULL THEN pgml_backend.require_no_null(arg_one)
        ELSE (
            SELECT coalesce(pg_catalog.array_agg(x + y ORDER BY i), '{}')
            FROM pgml_backend.pairs(this, pgml_backend.require_length(arg_one, pg_catalog.cardinality(this)))
        )
    END
$$;

CREATE FUNCTION pgml.sum_s_combine(this real[], v real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT pgml.sum_s_state(this, v)$$;

CREATE FUNCTION pgml.sum_s_finalize(this real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT coalesce(this, '{}')$$;

CREATE AGGREGATE pgml.sum(real[]) (
    SFUNC = pgml.sum_s_state,
    STYPE = real[],
    COMBINEFUNC = pgml.sum_s_combine,
    FINALFUNC = pgml.sum_s_finalize
);

CREATE FUNCTION pgml.sum_d_state(this double precision[], arg_one double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN arg_one IS NULL THEN this
        WHEN this IS NULL THEN pgml_backend.require_no_null(arg_one)
        ELSE (
            SELECT coalesce(pg_catalog.array_agg(x + y ORDER BY i), '{}')
            FROM pgml_backend.pairs(this, pgml_backend.require_length(arg_one, pg_catalog.cardinality(this)))
        )
    END
$$;

CREATE FUNCTION pgml.sum_d_combine(this double precision[], v double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT pgml.sum_d_state(this, v)$$;

CREATE FUNCTION pgml.sum_d_finalize(this double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT coalesce(this, '{}')$$;

CREATE AGGREGATE pgml.sum(double precision[]) (
    SFUNC = pgml.sum_d_state,
    STYPE = double precision[],
    COMBINEFUNC = pgml.sum_d_combine,
    FINALFUNC = pgml.sum_d_finalize
);

CREATE FUNCTION pgml_backend.absolute(vector real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(pg_catalog.abs(x) ORDER BY i), '{}')
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) WITH ORDINALITY AS element(x, i)
$$;

CREATE FUNCTION pgml.max_abs_s_state(this real[], arg_one real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN arg_one IS NULL THEN this
        WHEN this IS NULL THEN pgml_backend.absolute(arg_one)
        ELSE (
            SELECT coalesce(pg_catalog.array_agg(greatest(x, pg_catalog.abs(y)) ORDER BY i), '{}')
            FROM pgml_backend.pairs(this, pgml_backend.require_length(arg_one, pg_catalog.cardinality(this)))
        )
    END
$$;

CREATE FUNCTION pgml.max_abs_s_combine(this real[], v real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT pgml.max_abs_s_state(this, v)$$;

CREATE FUNCTION pgml.max_abs_s_finalize(this real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT coalesce(this, '{}')$$;

CREATE AGGREGATE pgml.max_abs(real[]) (
    SFUNC = pgml.max_abs_s_state,
    STYPE = real[],
    COMBINEFUNC = pgml.max_abs_s_combine,
    FINALFUNC = pgml.max_abs_s_finalize
);

CREATE FUNCTION pgml_backend.absolute(vector double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT coalesce(pg_catalog.array_agg(pg_catalog.abs(x) ORDER BY i), '{}')
    FROM pg_catalog.unnest(pgml_backend.require_no_null(vector)) WITH ORDINALITY AS element(x, i)
$$;

CREATE FUNCTION pgml.max_abs_d_state(this double precision[], arg_one double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN arg_one IS NULL THEN this
        WHEN this IS NULL THEN pgml_backend.absolute(arg_one)
        ELSE (
            SELECT coalesce(pg_catalog.array_agg(greatest(x, pg_catalog.abs(y)) ORDER BY i), '{}')
            FROM pgml_backend.pairs(this, pgml_backend.require_length(arg_one, pg_catalog.cardinality(this)))
        )
    END
$$;

CREATE FUNCTION pgml.max_abs_d_combine(this double precision[], v double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT pgml.max_abs_d_state(this, v)$$;

CREATE FUNCTION pgml.max_abs_d_finalize(this double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT coalesce(this, '{}')$$;

CREATE AGGREGATE pgml.max_abs(double precision[]) (
    SFUNC = pgml.max_abs_d_state,
    STYPE = double precision[],
    COMBINEFUNC = pgml.max_abs_d_combine,
    FINALFUNC = pgml.max_abs_d_finalize
);

CREATE FUNCTION pgml.max_s_state(this real[], arg_one real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN arg_one IS NULL THEN this
        WHEN this IS NULL THEN pgml_backend.require_no_null(arg_one)
        ELSE (
            SELECT coalesce(pg_catalog.array_agg(greatest(x, y) ORDER BY i), '{}')
            FROM pgml_backend.pairs(this, pgml_backend.require_length(arg_one, pg_catalog.cardinality(this)))
        )
    END
$$;

CREATE FUNCTION pgml.max_s_combine(this real[], v real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT pgml.max_s_state(this, v)$$;

CREATE FUNCTION pgml.max_s_finalize(this real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT coalesce(this, '{}')$$;

CREATE AGGREGATE pgml.max(real[]) (
    SFUNC = pgml.max_s_state,
    STYPE = real[],
    COMBINEFUNC = pgml.max_s_combine,
    FINALFUNC = pgml.max_s_finalize
);

CREATE FUNCTION pgml.max_d_state(this double precision[], arg_one double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN arg_one IS NULL THEN this
        WHEN this IS NULL THEN pgml_backend.require_no_null(arg_one)
        ELSE (
            SELECT coalesce(pg_catalog.array_agg(greatest(x, y) ORDER BY i), '{}')
            FROM pgml_backend.pairs(this, pgml_backend.require_length(arg_one, pg_catalog.cardinality(this)))
        )
    END
$$;

CREATE FUNCTION pgml.max_d_combine(this double precision[], v double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT pgml.max_d_state(this, v)$$;

CREATE FUNCTION pgml.max_d_finalize(this double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT coalesce(this, '{}')$$;

CREATE AGGREGATE pgml.max(double precision[]) (
    SFUNC = pgml.max_d_state,
    STYPE = double precision[],
    COMBINEFUNC = pgml.max_d_combine,
    FINALFUNC = pgml.max_d_finalize
);

CREATE FUNCTION pgml.min_s_state(this real[], arg_one real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN arg_one IS NULL THEN this
        WHEN this IS NULL THEN pgml_backend.require_no_null(arg_one)
        ELSE (
            SELECT coalesce(pg_catalog.array_agg(least(x, y) ORDER BY i), '{}')
            FROM pgml_backend.pairs(this, pgml_backend.require_length(arg_one, pg_catalog.cardinality(this)))
        )
    END
$$;

CREATE FUNCTION pgml.min_s_combine(this real[], v real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT pgml.min_s_state(this, v)$$;

CREATE FUNCTION pgml.min_s_finalize(this real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT coalesce(this, '{}')$$;

CREATE AGGREGATE pgml.min(real[]) (
    SFUNC = pgml.min_s_state,
    STYPE = real[],
    COMBINEFUNC = pgml.min_s_combine,
    FINALFUNC = pgml.min_s_finalize
);

CREATE FUNCTION pgml.min_d_state(this double precision[], arg_one double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN arg_one IS NULL THEN this
        WHEN this IS NULL THEN pgml_backend.require_no_null(arg_one)
        ELSE (
            SELECT coalesce(pg_catalog.array_agg(least(x, y) ORDER BY i), '{}')
            FROM pgml_backend.pairs(this, pgml_backend.require_length(arg_one, pg_catalog.cardinality(this)))
        )
    END
$$;

CREATE FUNCTION pgml.min_d_combine(this double precision[], v double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT pgml.min_d_state(this, v)$$;

CREATE FUNCTION pgml.min_d_finalize(this double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT coalesce(this, '{}')$$;

CREATE AGGREGATE pgml.min(double precision[]) (
    SFUNC = pgml.min_d_state,
    STYPE = double precision[],
    COMBINEFUNC = pgml.min_d_combine,
    FINALFUNC = pgml.min_d_finalize
);

CREATE FUNCTION pgml.min_abs_s_state(this real[], arg_one real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN arg_one IS NULL THEN this
        WHEN this IS NULL THEN pgml_backend.absolute(arg_one)
        ELSE (
            SELECT coalesce(pg_catalog.array_agg(least(x, pg_catalog.abs(y)) ORDER BY i), '{}')
            FROM pgml_backend.pairs(this, pgml_backend.require_length(arg_one, pg_catalog.cardinality(this)))
        )
    END
$$;

CREATE FUNCTION pgml.min_abs_s_combine(this real[], v real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT pgml.min_abs_s_state(this, v)$$;

CREATE FUNCTION pgml.min_abs_s_finalize(this real[]) RETURNS real[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT coalesce(this, '{}')$$;

CREATE AGGREGATE pgml.min_abs(real[]) (
    SFUNC = pgml.min_abs_s_state,
    STYPE = real[],
    COMBINEFUNC = pgml.min_abs_s_combine,
    FINALFUNC = pgml.min_abs_s_finalize
);

CREATE FUNCTION pgml.min_abs_d_state(this double precision[], arg_one double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN arg_one IS NULL THEN this
        WHEN this IS NULL THEN pgml_backend.absolute(arg_one)
        ELSE (
            SELECT coalesce(pg_catalog.array_agg(least(x, pg_catalog.abs(y)) ORDER BY i), '{}')
            FROM pgml_backend.pairs(this, pgml_backend.require_length(arg_one, pg_catalog.cardinality(this)))
        )
    END
$$;

CREATE FUNCTION pgml.min_abs_d_combine(this double precision[], v double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT pgml.min_abs_d_state(this, v)$$;

CREATE FUNCTION pgml.min_abs_d_finalize(this double precision[]) RETURNS double precision[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT coalesce(this, '{}')$$;

CREATE AGGREGATE pgml.min_abs(double precision[]) (
    SFUNC = pgml.min_abs_d_state,
    STYPE = double precision[],
    COMBINEFUNC = pgml.min_abs_d_combine,
    FINALFUNC = pgml.min_abs_d_finalize
);
