-- Statements of every shape, for tests and fuzzers: a line "-- name: …", then the text up to the next one.
-- name: a constant
SELECT 1
-- name: two statements in lower case
select 1; select 'two'
-- name: embed with literals
SELECT pgml.embed('intfloat/e5-small-v2', 'hello world')
-- name: embed with named arguments
SELECT pgml.embed(transformer => 'intfloat/e5-small-v2', text => $1, kwargs => '{"prompt": "query: "}'::jsonb)
-- name: embed with old named arguments
SELECT pgml.embed(transformer := 'm', inputs := ARRAY['a', 'b', $2], kwargs := '{}')
-- name: embed over a table
SELECT id, pgml.embed('m', body) AS e FROM documents WHERE id = ANY($1::int8[]) ORDER BY id LIMIT 10 OFFSET 5
-- name: nearest neighbours
SELECT id FROM documents ORDER BY embedding <=> pgml.embed('m', 'query')::vector LIMIT 5
-- name: nearest neighbours of a vector literal
SELECT id FROM documents ORDER BY embedding <-> '[1,2,3]'::vector LIMIT 5
-- name: operator with a schema
SELECT a OPERATOR(pg_catalog.+) 1 FROM t
-- name: transform
SELECT pgml.transform(task => '{"task": "text-generation", "model": "m"}'::JSONB, inputs => ARRAY['once'], args => '{"max_new_tokens": 5}'::JSONB)
-- name: transform by name of the task
SELECT pgml.transform('translation_en_to_fr', inputs => ARRAY['Welcome', $1])
-- name: chunks in FROM
SELECT chunk_index, chunk FROM pgml.chunk('recursive_character', 'a text', '{"chunk_size": 10}') AS c(chunk_index, chunk)
-- name: rank in FROM
SELECT * FROM pgml.rank('m', 'query', ARRAY['a', 'b'], '{"return_documents": true}'::jsonb)
-- name: predict
SELECT pgml.predict('project', ARRAY[1, 2.5, -3]::real[])
-- name: whole row
SELECT t, t.*, s.t.a FROM s.t
-- name: attribute of a FROM item
SELECT d.embed FROM documents d
-- name: attribute of an expression
SELECT (d).name, (f(1)).b, (ARRAY[d])[1].c FROM d
-- name: all attributes of a call
SELECT (f(x)).* FROM t
-- name: quoted names
SELECT "Pgml"."Embed"("A b", U&"d\0061t\+000061") FROM "S"."T""q"
-- name: upper case
SELECT PGML.EMBED('M', 'T') FROM S.T
-- name: string literals of all kinds
SELECT 'it''s', E'a\n\x41', U&'d\0061t', $$dollar$$, $tag$quo$ted$tag$, B'101', X'1F', N'n'
-- name: continued string literal
SELECT 'al'
'pha'
-- name: numbers of all kinds
SELECT 1, -1, 2147483647, 2147483648, -2147483648, 99999999999999999999, 1.5, .5, 1e10, -1.5e-3
-- name: folded signs
SELECT - 5, -(5), - -5, +5, 3 -5, 3 - 5
-- name: booleans and null
SELECT true, false, NULL, f(true, NULL)
-- name: comments
SELECT /* one /* nested */ */ 1 -- two
, 2
-- name: casts of all kinds
SELECT 'a'::text, CAST('b' AS varchar(10)), text 'c', date '2024-01-01', interval '1' day, interval(3) '1 s', '1'::int[], 'x'::s.t
-- name: cast to regclass
SELECT 'pg_class'::regclass, ARRAY['a']::regclass[], f('t'::regclass)
-- name: nested casts
SELECT f('a'::text::varchar::text)
-- name: type modifiers
SELECT a::numeric(10, 2), b::bit varying(5), c::timestamp(3) with time zone, d::char(1), e::float(10)
-- name: array constructors
SELECT ARRAY[1, 2], ARRAY[[1, 2], [3, 4]], ARRAY[]::int[], ARRAY(SELECT a FROM t)
-- name: subscripts and slices
SELECT a[1], a[1:2], a[:f(2)], a[g(1):], a[1][2] FROM t
-- name: rows
SELECT ROW(1, 'a'), (1, 2), ROW() , (a, b) = (1, 2), (a, b) < (SELECT 1, 2) FROM t
-- name: IN lists
SELECT a IN (1, 2), a NOT IN ('x', 'y'), (a, b) IN ((1, 2), (3, 4)) FROM t
-- name: sublinks
SELECT a IN (SELECT b FROM u), EXISTS (SELECT 1 FROM v), a > ALL (SELECT c FROM w), a = ANY ('{1,2}'::int[]), (SELECT 1) FROM t
-- name: BETWEEN
SELECT a BETWEEN 1 AND 2, a NOT BETWEEN 1 AND 2, a BETWEEN SYMMETRIC 2 AND 1, a NOT BETWEEN SYMMETRIC 2 AND 1 FROM t
-- name: pattern matches
SELECT a LIKE 'x%', a NOT LIKE 'x' ESCAPE '!', a ILIKE 'y', a SIMILAR TO 'z' ESCAPE '!', a ~ '^x', a NOT SIMILAR TO 'q' FROM t
-- name: IS tests
SELECT a IS NULL, a NOTNULL, a IS TRUE, a IS NOT UNKNOWN, a IS DISTINCT FROM b, a IS NOT DISTINCT FROM 1, a IS DOCUMENT, a IS NFC NORMALIZED FROM t
-- name: NULLIF COALESCE GREATEST LEAST
SELECT NULLIF(a, 1), COALESCE(a, f(b), 'x'), GREATEST(a, 1), LEAST(1, g(2)) FROM t
-- name: CASE
SELECT CASE a WHEN 1 THEN f(a) WHEN 2 THEN 'b' ELSE g(a) END, CASE WHEN a > 1 THEN 2 END FROM t
-- name: value functions
SELECT CURRENT_DATE, CURRENT_TIME, CURRENT_TIME(2), CURRENT_TIMESTAMP, CURRENT_TIMESTAMP(3), LOCALTIME, LOCALTIME(1), LOCALTIMESTAMP, LOCALTIMESTAMP(1), CURRENT_ROLE, CURRENT_USER, USER, SESSION_USER, CURRENT_CATALOG, CURRENT_SCHEMA
-- name: syntax for functions
SELECT EXTRACT(year FROM a), EXTRACT('month' FROM a), OVERLAY(a PLACING 'x' FROM 2 FOR 3), POSITION('x' IN a), SUBSTRING(a FROM 1 FOR 2), SUBSTRING(a FOR 3), SUBSTRING(a SIMILAR 'x' ESCAPE '!'), TRIM(BOTH 'x' FROM a), TRIM(LEADING FROM a), NORMALIZE(a, NFC), COLLATION FOR (a), TREAT(a AS t), a AT TIME ZONE 'UTC', (a, b) OVERLAPS (c, d) FROM t
-- name: XML
SELECT xmlelement(name x, xmlattributes(a AS b, f(c)), 'text', g(d)), xmlforest(a, f(b) AS c), xmlconcat(a, b), xmlparse(DOCUMENT '<a/>'), xmlpi(name p, 'x'), xmlroot(a, version '1.0', standalone yes), xmlserialize(CONTENT a AS text), xmlexists('//x' PASSING a) FROM t
-- name: XMLTABLE
SELECT * FROM XMLTABLE(XMLNAMESPACES('http://x' AS x), '/r' PASSING f(a) COLUMNS id int PATH '@id', o FOR ORDINALITY, n s.dom PATH 'n' DEFAULT g('d') NOT NULL)
-- name: collations
SELECT a COLLATE "C", b COLLATE pg_catalog."de-x-icu" FROM t ORDER BY c COLLATE s.own
-- name: aggregates
SELECT count(*), count(DISTINCT a), sum(a) FILTER (WHERE f(b)), array_agg(a ORDER BY g(b) DESC), percentile_cont(0.5) WITHIN GROUP (ORDER BY h(a)), string_agg(a, ',' ORDER BY b) FROM t
-- name: windows
SELECT rank() OVER w, sum(a) OVER (PARTITION BY f(b) ORDER BY g(c) RANGE BETWEEN h(1) PRECEDING AND CURRENT ROW) FROM t WINDOW w AS (PARTITION BY a ORDER BY b ROWS 2 PRECEDING EXCLUDE TIES), v AS (w)
-- name: variadic
SELECT f(VARIADIC ARRAY[1, 2]), g(1, VARIADIC x => $1), s.h()
-- name: parameters
SELECT $1, $3::int, f($2) FROM t WHERE a = $10
-- name: grouping
SELECT a, b, GROUPING(a, b), sum(c) FROM t GROUP BY GROUPING SETS ((a, b), (a), ()), ROLLUP (f(a), b), CUBE (a, (b, c)) HAVING sum(c) > f(1)
-- name: grouping by position
SELECT a, count(*) FROM t GROUP BY 1 ORDER BY 2 DESC NULLS LAST, a USING <, 1
-- name: GROUP BY DISTINCT
SELECT a FROM t GROUP BY DISTINCT ROLLUP (a), (1, 2)
-- name: DISTINCT ON
SELECT DISTINCT ON (a, f(b), 1) a FROM t ORDER BY a
-- name: set operations
SELECT a FROM t UNION ALL SELECT b FROM u INTERSECT SELECT c FROM v EXCEPT (SELECT d FROM w ORDER BY f(d) LIMIT 1) ORDER BY 1 LIMIT 3
-- name: VALUES
VALUES (1, 'a'), (2, f('b'))
-- name: VALUES in FROM
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(id, name)
-- name: TABLE
TABLE s.t
-- name: limits
SELECT a FROM t LIMIT f(1) OFFSET g(2)
-- name: FETCH FIRST
SELECT a FROM t ORDER BY a OFFSET 2 ROWS FETCH FIRST 3 ROWS WITH TIES
-- name: FETCH FIRST ROW
SELECT a FROM t FETCH FIRST ROW ONLY
-- name: LIMIT ALL
SELECT a FROM t LIMIT ALL
-- name: joins
SELECT * FROM a JOIN b ON f(a.x) = b.y LEFT JOIN c USING (id) AS u NATURAL JOIN d CROSS JOIN e FULL JOIN (g JOIN h ON true) AS i(j, k) ON i.j = 1
-- name: functions in FROM
SELECT * FROM f(1) WITH ORDINALITY AS x(a, b), LATERAL g(x.a), ROWS FROM (h(1), i(2) AS (a int, b s.dom)) AS r, j('x') AS (a text COLLATE "C", b numeric(10, 2)[])
-- name: value function in FROM
SELECT * FROM CURRENT_DATE, current_user AS u
-- name: lateral subselect
SELECT * FROM t, LATERAL (SELECT f(t.a) FROM u WHERE u.b = t.b) AS x
-- name: TABLESAMPLE
SELECT * FROM t TABLESAMPLE s.method(f(10), 5) REPEATABLE (g(1))
-- name: ONLY
SELECT * FROM ONLY t, ONLY (u), v *
-- name: row locks
SELECT * FROM t, u AS x FOR UPDATE OF x SKIP LOCKED FOR SHARE OF t NOWAIT
-- name: row lock on everything
SELECT * FROM t JOIN (SELECT * FROM u) AS s ON true FOR NO KEY UPDATE
-- name: plain CTE
WITH a AS (SELECT * FROM t), b (x) AS MATERIALIZED (SELECT f(y) FROM a) SELECT * FROM b, u
-- name: CTE before its name
WITH a AS (SELECT * FROM secret), secret AS (SELECT 1) SELECT * FROM a, secret
-- name: CTE of its own name
WITH t AS (SELECT * FROM t) SELECT * FROM t
-- name: recursive CTE
WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1 UNION ALL SELECT n + 1 FROM b WHERE n < 5) SELECT * FROM a
-- name: recursive CTE with SEARCH and CYCLE
WITH RECURSIVE r(id, up) AS (SELECT 1, 0 UNION ALL SELECT n.id, n.up FROM n JOIN r ON n.up = r.id) SEARCH BREADTH FIRST BY id SET o CYCLE id SET c TO 'y' DEFAULT 'n' USING p SELECT * FROM r
-- name: nested CTE
WITH a AS (WITH b AS (SELECT * FROM c) SELECT * FROM b) SELECT * FROM a, b
-- name: CTE in a subselect
SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) AS x, a
-- name: CTE with a schema is a table
WITH a AS (SELECT 1) SELECT * FROM s.a
-- name: CTE that writes
WITH gone AS (DELETE FROM t RETURNING *), new AS (INSERT INTO u SELECT * FROM gone RETURNING f(a)) UPDATE v SET a = 1 FROM new WHERE v.b = g(2)
-- name: insert into a table named as a CTE
WITH t AS (SELECT 1) INSERT INTO t SELECT * FROM t
-- name: insert
INSERT INTO t VALUES (1, 'a', DEFAULT), (2, f('b'), $1)
-- name: insert with columns
INSERT INTO s.t AS x (a, b[f(1)], c.d) OVERRIDING SYSTEM VALUE VALUES (1, 2, 3) RETURNING x.a, g(b)
-- name: insert from a select
INSERT INTO t SELECT f(a) FROM u ORDER BY 1
-- name: insert defaults
INSERT INTO t DEFAULT VALUES
-- name: upsert
INSERT INTO t AS x (a, b) VALUES (1, 'b') ON CONFLICT (a, lower(b) COLLATE "C") WHERE f(a) DO UPDATE SET b = excluded.b, c = g(1) WHERE h(x.a) RETURNING *
-- name: insert that ignores conflicts
INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT t_pkey DO NOTHING
-- name: upsert with an operator class
INSERT INTO t VALUES (1) ON CONFLICT (a text_pattern_ops) DO NOTHING
-- name: update
UPDATE ONLY s.t AS x SET a = f(1), b[1] = 2, c.d = 'x', e = DEFAULT FROM u WHERE x.a = u.a RETURNING g(x.a)
-- name: update of several columns
UPDATE t SET (a, b) = (1, f(2)), (c, d) = (SELECT x, g(y) FROM u), (e, f) = ROW (3, 'z')
-- name: update at a cursor
UPDATE t SET a = 1 WHERE CURRENT OF c
-- name: delete
DELETE FROM t USING u WHERE t.a = f(u.a) RETURNING g(t.b)
-- name: merge
WITH w AS (SELECT 1) MERGE INTO s.t AS x USING (SELECT f(a) AS a FROM w) AS y ON x.a = g(y.a) WHEN MATCHED AND h(1) THEN UPDATE SET b = i(2) WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (a, b) OVERRIDING USER VALUE VALUES (j(3), 'x') WHEN NOT MATCHED AND k(1) THEN DO NOTHING
-- name: explain
EXPLAIN SELECT f(1) FROM t
-- name: explain analyze
EXPLAIN (ANALYZE, VERBOSE off, COSTS 1, FORMAT json, BUFFERS, WAL, TIMING, SUMMARY, SETTINGS) DELETE FROM t WHERE f(a)
-- name: old explain
EXPLAIN ANALYZE VERBOSE UPDATE t SET a = 1
-- name: explain of an execute
EXPLAIN EXECUTE p(1, f(2))
-- name: explain with an unknown option
EXPLAIN (GENERIC_PLAN) SELECT 1
-- name: declare
DECLARE c BINARY INSENSITIVE SCROLL CURSOR FOR SELECT f(a) FROM t
-- name: declare with hold
DECLARE "C 1" CURSOR WITH HOLD FOR SELECT 1
-- name: fetch
FETCH c
-- name: fetch a number
FETCH 100 FROM c1
-- name: fetch backward
FETCH BACKWARD ALL IN c
-- name: fetch a negative number
FETCH RELATIVE -5 FROM c
-- name: move
MOVE FORWARD 5 c
-- name: close
CLOSE c
-- name: close all
CLOSE ALL
-- name: prepare
PREPARE p(int, s.dom, text[]) AS SELECT f($1) FROM t WHERE a = $2 AND b = 'x'
-- name: prepare without types
PREPARE p AS INSERT INTO t VALUES ($1)
-- name: execute
EXECUTE p
-- name: execute with arguments
EXECUTE p('m', $1, f(2), 'x'::s.t, ARRAY['a'])
-- name: deallocate
DEALLOCATE PREPARE p
-- name: deallocate all
DEALLOCATE ALL
-- name: begin
BEGIN
-- name: begin with modes
BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE
-- name: start of postgres_fdw
START TRANSACTION ISOLATION LEVEL REPEATABLE READ
-- name: commit
COMMIT
-- name: end and chain
END WORK AND CHAIN
-- name: rollback
ROLLBACK
-- name: abort
ABORT TRANSACTION AND NO CHAIN
-- name: savepoint
SAVEPOINT s2
-- name: release
RELEASE SAVEPOINT s2
-- name: rollback to savepoint
ROLLBACK TO SAVEPOINT "S 2"
-- name: prepare transaction
PREPARE TRANSACTION 'gid'
-- name: commit prepared
COMMIT PREPARED 'gid'
-- name: rollback prepared
ROLLBACK PREPARED 'gid'
-- name: set
SET statement_timeout = 1000
-- name: set with a list
SET search_path TO pg_catalog, "My Schema", 'x'
-- name: set in mixed case
SET "Search_Path" = 'a'
-- name: set a custom setting
SET pgml.venv = '/tmp'
-- name: set local
SET LOCAL work_mem TO '64MB'
-- name: set session
SET SESSION extra_float_digits = -3
-- name: set to default
SET datestyle TO DEFAULT
-- name: set from current
SET search_path FROM CURRENT
-- name: set on
SET enable_seqscan = on
-- name: set time zone
SET TIME ZONE 'UTC'
-- name: set time zone local
SET TIME ZONE LOCAL
-- name: set time zone interval
SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE
-- name: set time zone number
SET TIME ZONE -7.5
-- name: set names
SET NAMES 'UTF8'
-- name: set schema
SET SCHEMA 's'
-- name: set role
SET ROLE admin
-- name: set role none
SET LOCAL ROLE NONE
-- name: set session authorization
SET SESSION AUTHORIZATION 'root'
-- name: set xml option
SET XML OPTION DOCUMENT
-- name: set transaction
SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE
-- name: set transaction snapshot
SET TRANSACTION SNAPSHOT '00000003-0000001B-1'
-- name: set session characteristics
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY, NOT DEFERRABLE
-- name: reset
RESET search_path
-- name: reset all
RESET ALL
-- name: reset time zone
RESET TIME ZONE
-- name: reset session authorization
RESET SESSION AUTHORIZATION
-- name: show
SHOW Server_Version
-- name: show all
SHOW ALL
-- name: show transaction isolation level
SHOW TRANSACTION ISOLATION LEVEL
-- name: set_config
SELECT set_config('search_path', 'evil', false), pg_catalog.set_config('a', $1, true), current_setting('x')
-- name: copy from the client
COPY s.t (a, b) FROM STDIN WITH (FORMAT csv, HEADER true, DELIMITER ';', NULL '', FORCE_NOT_NULL (a, b)) WHERE f(a)
-- name: copy to the client
COPY t TO STDOUT
-- name: copy of a query
COPY (SELECT f(a) FROM t) TO STDOUT WITH CSV HEADER QUOTE '"' FORCE QUOTE *
-- name: copy from a file
COPY t FROM '/etc/passwd'
-- name: copy to a program
COPY t TO PROGRAM 'cat > /tmp/x'
-- name: copy of a delete
COPY (DELETE FROM t RETURNING a) TO STDOUT
-- name: copy in another encoding
COPY t FROM STDIN (ENCODING 'LATIN1')
-- name: truncate
TRUNCATE TABLE ONLY t, s.u RESTART IDENTITY
-- name: truncate cascade
TRUNCATE t CASCADE
-- name: lock
LOCK TABLE t, s.u IN ACCESS EXCLUSIVE MODE NOWAIT
-- name: listen
LISTEN channel
-- name: unlisten
UNLISTEN *
-- name: notify
NOTIFY channel, 'payload'
-- name: discard all
DISCARD ALL
-- name: discard temp
DISCARD TEMP
-- name: create table as
CREATE TABLE s.n (a, b) AS SELECT f(a), 2 FROM t WITH NO DATA
-- name: create temporary table as
CREATE TEMP TABLE n ON COMMIT DROP AS SELECT 1
-- name: create table as execute
CREATE TABLE n AS EXECUTE p('x')
-- name: create table in pg_temp
CREATE TABLE pg_temp.n AS SELECT 1
-- name: create table with storage parameters
CREATE TABLE n WITH (fillfactor = 70) AS SELECT 1
-- name: select into
SELECT f(a) INTO TEMP n FROM t
-- name: select into of a union
SELECT 1 INTO n UNION SELECT 2
-- name: create materialized view
CREATE MATERIALIZED VIEW v AS SELECT 1
-- name: set constraints
SET CONSTRAINTS ALL DEFERRED
-- name: do
DO $$ BEGIN PERFORM 1; END $$
-- name: call
CALL p(1)
-- name: create function
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'
-- name: create function with a body
CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END
-- name: create table
CREATE TABLE t (a int DEFAULT f(1), CHECK (g(a)))
-- name: drop table
DROP TABLE t
-- name: grant
GRANT SELECT ON t TO u
-- name: alter system
ALTER SYSTEM SET shared_preload_libraries = 'x'
-- name: alter role set
ALTER ROLE u SET search_path = evil
-- name: vacuum
VACUUM (FULL) t
-- name: load
LOAD 'lib'
-- name: dblink carries SQL
SELECT * FROM dblink('host=x', 'SELECT 1') AS t(a int)
-- name: postgres_fdw cursor
DECLARE c1 CURSOR FOR
SELECT id, body FROM public.documents WHERE ((id > 5)) ORDER BY id ASC NULLS LAST
-- name: postgres_fdw estimates
EXPLAIN SELECT id FROM public.documents WHERE ((body ~~ 'a%'::text))
-- name: JDBC's type query
SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid WHERE t.oid = $1
-- name: psql's describe
SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname OPERATOR(pg_catalog.~) '^(t)$' COLLATE pg_catalog.default AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 2, 3
-- name: hybrid search
WITH semantic AS (SELECT id, RANK() OVER (ORDER BY embedding <=> pgml.embed('m', $1)::vector) AS rank FROM documents LIMIT 20), keyword AS (SELECT id, RANK() OVER (ORDER BY ts_rank_cd(tsv, q) DESC) AS rank FROM documents, plainto_tsquery('english', $1) AS q WHERE tsv @@ q LIMIT 20) SELECT COALESCE(s.id, k.id), COALESCE(1.0 / (60 + s.rank), 0.0) + COALESCE(1.0 / (60 + k.rank), 0.0) AS score FROM semantic s FULL OUTER JOIN keyword k ON s.id = k.id ORDER BY score DESC LIMIT 5
-- name: non-ASCII
SELECT 'größe', "Größe" FROM "日本" WHERE a = '🙂' AND b = 1
-- name: empty statements
;; SELECT 1 ;;
-- name: nothing

-- name: only a comment
-- nothing
-- name: boolean chains
SELECT a FROM t WHERE a = 1 AND b = 2 AND (c = 3 OR d = 4 OR f(e)) AND NOT g(h)
-- name: JSON operators
SELECT a->'b'->>'c', a #> '{x,y}', a @> '{"k": 1}'::jsonb, a ? 'k' FROM t
-- name: arithmetic
SELECT 1 + 2 * 3 - 4 / 5 % 6 ^ 7, |/ 25, @ -3, ~5, 1 << 2, 'a' || 'b'
-- name: percent type
SELECT f(a::t.b%TYPE)
-- name: regular cursor of drivers
BEGIN; DECLARE "_p1" NO SCROLL CURSOR WITHOUT HOLD FOR SELECT 1; FETCH FORWARD 50 FROM "_p1"; COMMIT
