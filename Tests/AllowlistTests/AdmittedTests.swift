import PluginAPI
import Testing

@testable import Allowlist

@Suite("What the repository's own policy lets through")
struct AdmittedTests {
    @Test("What dblink, postgres_fdw, drivers and models' users send", arguments: Admitted.all)
    func admitted(sample: Case) throws {
        let gate = try Gate.shipped.get()
        let denial = gate.denial(sample.sql)
        #expect(denial == nil, "\(denial?.message ?? "") — \(denial?.rule ?? "")")
        let inspects = gate.judge(sample.sql).contains { if case .forwardInspecting = $0 { true } else { false } }
        #expect(inspects == (sample.rule == "bind"))
    }
}

/// Statements by whose they are; `bind` says that parameters must be judged too.
enum Admitted {
    static let all = Case.table(
        #"""
        fdw | SET search_path = pg_catalog
        fdw | SET timezone = 'GMT'
        fdw | SET timezone = 'UTC'
        fdw | SET datestyle = ISO
        fdw | SET intervalstyle = postgres
        fdw | SET extra_float_digits = 3
        fdw | START TRANSACTION ISOLATION LEVEL REPEATABLE READ
        fdw | START TRANSACTION ISOLATION LEVEL SERIALIZABLE
        fdw | COMMIT TRANSACTION
        fdw | ABORT TRANSACTION
        fdw | DEALLOCATE ALL
        fdw | SAVEPOINT s2
        fdw | ROLLBACK TO SAVEPOINT s2; RELEASE SAVEPOINT s2
        fdw | SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'app'
        fdw | SELECT relname,   attname,   format_type(atttypid, atttypmod),   attnotnull,   pg_get_expr(adbin, adrelid),   attgenerated,   collname,   collnsp.nspname FROM pg_class c   JOIN pg_namespace n ON     relnamespace = n.oid   LEFT JOIN pg_attribute a ON     attrelid = c.oid AND attnum > 0       AND NOT attisdropped   LEFT JOIN pg_attrdef ad ON     adrelid = c.oid AND adnum = attnum   LEFT JOIN pg_collation coll ON     coll.oid = attcollation   LEFT JOIN pg_namespace collnsp ON     collnsp.oid = collnamespace WHERE c.relkind IN ('r','v','f','m','p')   AND n.nspname = 'app' AND c.relname IN ('inbox') ORDER BY c.relname, a.attnum
        fdw | DECLARE c1 CURSOR FOR⏎SELECT id, body, embedding FROM app.inbox_embedded WHERE ((id = 2))
        fdw | DECLARE c1 CURSOR FOR⏎SELECT id, body FROM app.inbox WHERE (((id = 1) OR (body ~~* 'x%')))
        fdw | DECLARE c1 CURSOR FOR SELECT id, body, ctid FROM app.inbox WHERE ((id <= 2)) FOR UPDATE
        fdw | DECLARE c1 CURSOR FOR⏎SELECT count(*) FROM app.inbox
        fdw | FETCH 100 FROM c1
        fdw | MOVE BACKWARD ALL IN c1
        fdw | CLOSE c1
        fdw | DEALLOCATE pgsql_fdw_prep_1
        fdw | INSERT INTO app.inbox(id, body) VALUES ($1, $2)
        fdw | INSERT INTO app.inbox(id, body) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING
        fdw | INSERT INTO app.inbox(id, body) VALUES ($1, $2) RETURNING id
        fdw | UPDATE app.inbox SET body = 'x'::text WHERE ((id = 1))
        fdw | UPDATE app.inbox SET body = $2 WHERE ctid = $1
        fdw | DELETE FROM app.inbox WHERE ctid = $1
        fdw | DELETE FROM app.inbox WHERE ((id = 1)) RETURNING id
        fdw | SELECT pg_catalog.pg_relation_size('app.inbox'::pg_catalog.regclass) / 8192
        fdw | EXPLAIN SELECT id, body FROM app.inbox WHERE ((id = 1))
        fdw | EXPLAIN SELECT count(*) FROM app.inbox WHERE ((id <= ((SELECT null::integer)::integer)))
        fdw | DECLARE c1 CURSOR FOR⏎SELECT r1.id, CASE WHEN (r2.*)::text IS NOT NULL THEN ROW(r2.id, r2.body) END FROM (app.inbox r1 LEFT JOIN app.inbox r2 ON (((r1.id = r2.id)) AND ((r2.id < 4)))) ORDER BY r1.id ASC NULLS LAST LIMIT 3::bigint
        fdw | DECLARE c1 CURSOR FOR⏎SELECT percentile_cont(0.5::double precision) WITHIN GROUP (ORDER BY (id) ASC NULLS LAST), array_agg(id ORDER BY id DESC NULLS FIRST) FILTER (WHERE (id < 4)) FROM app.inbox
        fdw | UPDATE app.inbox r1 SET embedding = r2.embedding FROM app.inbox_embedded r2 WHERE ((r1.id = r2.id))
        fdw | DELETE FROM app.inbox r1 USING app.inbox_embedded r2 WHERE ((r1.id = r2.id)) RETURNING r2.id
        dblink | SELECT * FROM pgml.embed('Alibaba-NLP/gte-base-en-v1.5', 'embed this text') AS embedding
        dblink | SELECT * FROM pgml.embed('sentence-transformers/all-MiniLM-L6-v2', 'embed this text') AS embedding
        dblink | BEGIN
        dblink | DECLARE cur CURSOR FOR SELECT pgml.transform_stream('text-generation', input => 'x')
        dblink | COMMIT
        driver | SET client_encoding TO 'UTF8'
        driver | SET NAMES 'UTF8'
        driver | SET standard_conforming_strings = on
        driver | SET extra_float_digits = 2
        driver | SET application_name = 'my app'
        driver | SET TIME ZONE 'Europe/Berlin'
        driver | SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED
        driver | SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY
        driver | SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
        driver | SHOW max_identifier_length
        driver | SHOW transaction_isolation
        driver | SHOW TRANSACTION ISOLATION LEVEL
        driver | SHOW search_path
        driver | SHOW server_version
        driver | RESET search_path
        driver | SELECT version()
        driver | select pg_catalog.version()
        driver | select current_schema()
        driver | SELECT CURRENT_USER, CURRENT_TIMESTAMP, LOCALTIME, current_database()
        driver | BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY
        driver | SELECT 1
        driver | VALUES (1), (2)
        user | SELECT now(), to_char(now(), 'YYYY'), random(), gen_random_uuid()
        user | SELECT pgml.norm_l2(pgml.embed('intfloat/e5-small-v2', 'x'))
        user | SELECT pgml.embed('intfloat/e5-small-v2', body) FROM app.inbox
        user | SELECT pgml.embed(text => 'x', transformer => 'intfloat/e5-small-v2')
        user | SELECT pgml.embed('intfloat/e5-small-v2', ARRAY['a', 'b'])
        user | SELECT pgml.embed('intfloat/e5-small-v2', inputs => ARRAY['a', 'b'], kwargs => '{"batch_size": 2}')
        user | SELECT pgml.embed('intfloat/e5-small-v2'::text, 'x', '{"prompt": "query: "}'::jsonb)
        user | SELECT pgml.embed(CAST('intfloat/e5-small-v2' AS varchar), 'x', jsonb '{"normalize_embeddings": true}')
        user | SELECT pgml.embed(U&'intfloat\002fe5-small-v2', 'x')
        user | SELECT pgml.embed(NULL, 'x')
        user | SELECT pgml.embed('intfloat/e5-small-v2', 'x', NULL)
        user | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{}')
        user | SELECT pgml.chunk('recursive_character', body, '{"chunk_size": 250, "separators": ["\n", " "]}') FROM app.inbox
        user | SELECT (c).chunk, (c).chunk_index FROM (SELECT pgml.chunk('markdown', body) c FROM app.inbox) s
        user | SELECT t.id, t.body FROM app.inbox AS t WHERE t.body LIKE 'a%' ORDER BY t.id LIMIT 10
        user | SELECT r.score, r.corpus_id FROM pgml.rank('mixedbread-ai/mxbai-rerank-base-v1', 'q', ARRAY['a', 'b']) AS r
        user | SELECT pgml.transform('{"task": "text-generation", "model": "gpt2"}'::jsonb, inputs => ARRAY['a'])
        user | SELECT pgml.transform(task => 'translation_en_to_fr', inputs => ARRAY['How do I say hello?'])
        user | SELECT pgml.transform('text-generation', '{"temperature": 0.75, "stop": ["a", "b"]}', ARRAY['x'], true)
        user | SELECT pgml.predict('My Project', ARRAY[0.1, 2.0]::real[])
        user | WITH q AS (SELECT pgml.embed('intfloat/e5-small-v2', 'x') AS e) SELECT pgml.cosine_similarity(q.e, i.embedding) FROM q, app.inbox_embedded i
        user | SELECT EXTRACT(year FROM now()), TRIM(' a '), SUBSTRING('abc' FROM 2), POSITION('a' IN 'ba'), 'a' LIKE 'b' ESCAPE '!', 'a' SIMILAR TO 'b'
        user | SELECT 1 IN (1, 2), 1 BETWEEN 0 AND 2, NULLIF(1, 2), CASE 1 WHEN 1 THEN 2 END, now() AT TIME ZONE 'UTC', COLLATION FOR ('a')
        user | SELECT 1 OPERATOR(pg_catalog.+) 2, 'a' COLLATE "C", 'a' COLLATE pg_catalog."default"
        user | SELECT * FROM json_to_record('{"a": 1}') AS t(a int, b text[])
        user | SELECT '2020-01-01'::date, interval '1 day', '[1,2)'::int4range, '{1,2}'::int[], 1.5::numeric(10,2)
        user | SELECT sum(id) OVER (PARTITION BY body ORDER BY id) FROM app.inbox
        user | WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT sum(n) FROM t
        bind | SELECT pgml.embed($1, $2)
        bind | SELECT pgml.embed($1::text, $2)
        bind | SELECT pgml.embed('intfloat/e5-small-v2', $1, $2)
        bind | PREPARE p AS SELECT pgml.embed($1, 'x')
        bind | DECLARE c CURSOR FOR SELECT pgml.embed($1, 'x')
        user | SELECT pgml.embed('intfloat/e5-small-v2', $1)
        user | EXECUTE p('intfloat/e5-small-v2')
        """#
    )
}
