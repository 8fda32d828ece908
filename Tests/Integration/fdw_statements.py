"""What SQL on RDS makes postgres_fdw send: a little of everything it pushes down, prepares, fetches and asks for.

The statements are run in this order against foreign tables straight to PostgreSQL and through the gateway, and must give
the same both times. They are on the schema of test_fdw.py, `books` with 12 rows and `texts` with 4.
"""

STATEMENTS = """
SELECT id, body, score, at, tags FROM books ORDER BY id
SELECT id FROM books WHERE id IN (1, 2, 30) AND body LIKE 'book%' AND score IS NOT NULL ORDER BY id
SELECT id FROM books WHERE at < '2021-01-01' AND NOT (id > 9) AND id IS DISTINCT FROM 2 AND NULLIF(id, 5) > 1 ORDER BY id
SELECT upper(body), tags[1], CASE WHEN id > 3 THEN 'x' ELSE 'y' END FROM books WHERE tags @> '{odd}' ORDER BY id LIMIT 3
SELECT count(*), sum(score), avg(id), min(body), max(at), count(DISTINCT tags) FROM books
SELECT count(*) FILTER (WHERE id > 5), array_agg(id ORDER BY id DESC) FILTER (WHERE id < 4) FROM books
SELECT array_agg(id ORDER BY id USING >) FROM books
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY id) FROM books
SELECT tags, count(*) FROM books GROUP BY tags HAVING count(*) > 1 ORDER BY tags DESC NULLS LAST LIMIT 5 OFFSET 1
SELECT tags, count(*) FROM books GROUP BY GROUPING SETS ((tags), ()) ORDER BY 1, 2
SELECT t.body, b.body FROM books b JOIN texts t ON t.id = b.id WHERE b.score > 0 ORDER BY t.id
SELECT t, b FROM texts t LEFT JOIN books b ON t.id = b.id AND b.id < 4 ORDER BY t.id
SELECT t, b FROM texts t FULL JOIN books b ON t.id = b.id AND b.id < 4 ORDER BY t.id, b.id
SELECT count(*) FROM books b WHERE EXISTS (SELECT 1 FROM texts t WHERE t.id = b.id)
SELECT count(*) FROM books b WHERE NOT EXISTS (SELECT 1 FROM texts t WHERE t.id = b.id)
SELECT id FROM books WHERE id = (SELECT max(id) FROM texts)
SELECT t.id, b.n FROM generate_series(1, 3) AS g JOIN texts t ON t.id = g, LATERAL (SELECT count(*) AS n FROM books WHERE id <= t.id) b ORDER BY 1
SELECT ctid, id FROM books WHERE ctid = '(0,1)'
SELECT id FROM books WHERE id = 3 FOR UPDATE
SELECT t.id FROM texts t JOIN books b USING (id) WHERE id = 3 FOR UPDATE OF t
SELECT t.id FROM texts t JOIN books b USING (id) WHERE id = 3 FOR SHARE
SELECT count(*) FROM (SELECT id, random() FROM books UNION ALL SELECT id, random() FROM texts) AS both_at_once
PREPARE one_book (integer) AS SELECT body FROM books WHERE id = $1
EXECUTE one_book (7)
SET plan_cache_mode = force_generic_plan
EXECUTE one_book (8)
ALTER SERVER postgresml OPTIONS (ADD use_remote_estimate 'true')
SELECT t.body, b.body FROM books b JOIN texts t ON t.id = b.id WHERE b.score > 0 ORDER BY t.id LIMIT 1
SELECT tags, count(*) FROM books WHERE body > 'a' GROUP BY tags ORDER BY tags
SELECT id FROM books WHERE id = (SELECT max(id) FROM texts)
EXECUTE one_book (9)
SET enable_hashjoin = off
SET enable_mergejoin = off
SELECT g, b.body FROM generate_series(1, 3) AS g JOIN books b ON b.id = g ORDER BY g
ALTER SERVER postgresml OPTIONS (SET use_remote_estimate 'false')
INSERT INTO books (id, body) VALUES (100, 'new') RETURNING *
INSERT INTO books (id) VALUES (101)
INSERT INTO books (id) VALUES (100) ON CONFLICT DO NOTHING
INSERT INTO books (id) VALUES (100)
INSERT INTO books (id) SELECT i FROM generate_series(102, 110) AS t(i)
UPDATE books SET body = 'changed' WHERE id = 100
UPDATE books SET body = body || ' again', score = -score WHERE id = 100 RETURNING *
UPDATE books SET body = 'row by row' WHERE id > 100 AND random() >= 0
UPDATE books SET (body, score) = ('a', 77) WHERE id = 101
UPDATE books SET score = DEFAULT WHERE id = 101
UPDATE books SET body = t.body FROM texts t WHERE t.id = books.id
UPDATE books SET body = t.body FROM texts t WHERE t.id = books.id RETURNING books, t
UPDATE books SET body = t.body || 'x' FROM texts t WHERE t.id = books.id AND random() >= 0 RETURNING books.id
DELETE FROM books USING texts t WHERE t.id = books.id AND t.id > 3 RETURNING t.id
DELETE FROM books WHERE id > 105
DELETE FROM books WHERE id > 103 AND random() >= 0
SELECT id, body, score, at, tags FROM books ORDER BY id
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY
SELECT count(*) FROM books
COMMIT
SET datestyle = 'SQL, DMY'
SET timezone = 'Asia/Tokyo'
INSERT INTO books (id, at) VALUES (200, '02/01/2020 03:04:05')
SELECT at::text FROM books WHERE at = '02/01/2020 03:04:05'
RESET ALL
SET search_path = library
ANALYZE books
ANALYZE embedded (id)
VACUUM ANALYZE texts
SELECT relname, reltuples FROM pg_class WHERE relname IN ('books', 'embedded', 'texts') ORDER BY relname
ALTER SERVER postgresml OPTIONS (ADD async_capable 'true', ADD fetch_size '3', ADD parallel_commit 'true')
SELECT count(*) FROM (SELECT id, random() FROM books UNION ALL SELECT id, random() FROM embedded) AS both_at_once
ALTER SERVER postgresml OPTIONS (DROP async_capable, DROP fetch_size, DROP parallel_commit)
TRUNCATE books, texts RESTART IDENTITY
SELECT count(*) FROM books
""".strip().splitlines()
