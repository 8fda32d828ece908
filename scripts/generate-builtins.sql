-- What the allowlist needs to know about pg_catalog, read from a PostgreSQL 15 that has nothing of anybody's own.
-- Run by generate-builtins.sh, which names the section it wants in :section.

\set ON_ERROR_STOP on
\pset tuples_only on
\pset format unaligned
SET search_path = pg_catalog, pg_temp;

-- Everything in pg_catalog that can be called, with the first class of exclusion that applies to it (NULL: none).
CREATE TEMP TABLE function_class AS
WITH signature AS (
    SELECT p.oid, p.proname AS name, p.provolatile AS volatility,
           coalesce(d.description, '') AS description,
           p.proargtypes::oid[] || p.prorettype AS types,
           p.proargtypes::oid[] AS arguments
    FROM pg_proc p
    LEFT JOIN pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_proc'::regclass
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
)
SELECT oid, name,
       CASE
           -- 1. Runs SQL that arrives as text, or reads the table, schema or database its argument names.
           WHEN name ~ '^(query|cursor|table|schema|database)_to_xml' OR name IN ('ts_stat', 'ts_rewrite')
               THEN 'sql-text'
           -- 2. Moves settings of the session, search_path among them, or tells them.
           WHEN name IN ('set_config', 'current_setting', 'setseed') THEN 'settings'
           -- 3. Large objects: files by import and export, data outside every relation rule otherwise.
           WHEN name ~ '^(be_)?lo_' OR name IN ('loread', 'lowrite') THEN 'large-objects'
           -- 4. Sequences: they change and tell what no relation rule sees.
           WHEN name IN ('nextval', 'currval', 'lastval', 'setval') THEN 'sequences'
           -- 5. libxml2 reads the client's bytes, and XPath over them; nothing of PostgresML needs it.
           WHEN name ~ '^(xml|xpath)' OR types && ARRAY['xml'::regtype::oid] THEN 'xml'
           -- 6. Everything called pg_…: files, logs, WAL, locks, other backends, catalogs by OID, sleeping.
           WHEN name ~ '^pg_' THEN 'server'
           -- 7. Privileges and access lists.
           WHEN name ~ '^(has_|acl|makeacl|row_security)' OR types && ARRAY['aclitem'::regtype::oid, 'aclitem[]'::regtype::oid]
               THEN 'privileges'
           -- 8. Looks a name or an OID up in the catalogs: what exists is told by argument.
           WHEN name ~ '^(to_)?reg(class|collation|config|dictionary|namespace|oper|operator|proc|procedure|role|type)(send)?$'
                OR EXISTS (SELECT FROM unnest(types) t WHERE t IN (
                    'regclass'::regtype, 'regcollation'::regtype, 'regconfig'::regtype, 'regdictionary'::regtype,
                    'regnamespace'::regtype, 'regoper'::regtype, 'regoperator'::regtype, 'regproc'::regtype,
                    'regprocedure'::regtype, 'regrole'::regtype, 'regtype'::regtype))
                OR (volatility <> 'i' AND 'oid'::regtype = ANY (arguments))
                OR name IN ('ts_debug', 'ts_lexize', 'ts_parse', 'ts_token_type', 'oidvectortypes', 'get_current_ts_config',
                            'postgresql_fdw_validator', 'satisfies_hash_partition')
               THEN 'catalog-lookup'
           -- 9. Tells about the server, its network, its transactions or other sessions.
           WHEN name ~ '^(inet_(client|server)_|txid_)' OR types && ARRAY['txid_snapshot'::regtype::oid]
                OR name IN ('getpgusername', 'getdatabaseencoding', 'current_query', 'mxid_age', 'version',
                            'current_database', 'current_schema', 'current_schemas', 'current_user', 'session_user')
               THEN 'environment'
           -- 10. Of no type an expression can have: input and output functions, handlers, triggers, support code.
           WHEN EXISTS (SELECT FROM unnest(types) t WHERE t IN (
                    'internal'::regtype, 'cstring'::regtype, 'trigger'::regtype, 'event_trigger'::regtype,
                    'language_handler'::regtype, 'fdw_handler'::regtype, 'index_am_handler'::regtype,
                    'table_am_handler'::regtype, 'tsm_handler'::regtype))
               THEN 'internal'
           -- 11. The code behind operators, aggregates, indexes and the wire: reached through those, never by name.
           WHEN description ~ '^(implementation of |I/O|hash$|less-equal-greater|(larger|smaller) of two|aggregate (transition|final|combine|serial|deserial)|\(internal\)|(GiST|GIN|SP-GiST|BRIN|sort|B-tree) |equal image|window RANGE support|for use by pg_upgrade)'
               THEN 'support'
           -- 12. Volatile: it may do anything, so each is looked at one by one.
           WHEN volatility = 'v' THEN 'volatile'
       END AS class
FROM signature;

-- Reviewed one by one, against their class:
CREATE TEMP TABLE reviewed (name name PRIMARY KEY, reason text);
INSERT INTO reviewed VALUES
    ('random', 'volatile, but only a number'),
    ('clock_timestamp', 'volatile, but only the time'),
    ('timeofday', 'volatile, but only the time'),
    ('gen_random_uuid', 'volatile, but only a number'),
    -- Not pg_typeof: where one alternative is a regtype, a literal in another is looked up as a type's name.
    ('pg_column_size', 'the size of its own argument'),
    ('pg_collation_for', 'what COLLATION FOR (…) is made into'),
    ('pg_size_pretty', 'arithmetic'),
    ('pg_size_bytes', 'arithmetic'),
    ('to_tsvector', 'its configuration is one of the text search configurations'),
    ('to_tsquery', 'as to_tsvector'),
    ('plainto_tsquery', 'as to_tsvector'),
    ('phraseto_tsquery', 'as to_tsvector'),
    ('websearch_to_tsquery', 'as to_tsvector'),
    ('json_to_tsvector', 'as to_tsvector'),
    ('jsonb_to_tsvector', 'as to_tsvector'),
    ('ts_headline', 'as to_tsvector'),
    ('version', 'the server sends its version to everybody at connect'),
    ('current_database', 'the client named it itself'),
    ('current_schema', 'the search_path that the gateway pinned'),
    ('current_schemas', 'the search_path that the gateway pinned'),
    ('current_user', 'the role this client runs as'),
    ('session_user', 'the role this client runs as'),
    ('starts_with', 'a documented function, if an operator too'),
    ('text', 'a cast written as a call'),
    ('array_cat', 'a documented function, if an operator too');

-- A name is allowed when every overload is: the gateway does not resolve overloads.
CREATE TEMP TABLE allowed_function AS
SELECT name FROM function_class f
GROUP BY name
HAVING bool_and(class IS NULL) OR name IN (SELECT name FROM reviewed);

-- Base, range, multirange and array types that hold a value and look nothing up.
CREATE TEMP TABLE allowed_type AS
SELECT typname AS name FROM pg_type
WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm')
  AND typname !~ '^_?(reg|pg_|xml$|aclitem$|gtsvector$|txid_snapshot$|oidvector$|int2vector$|cid$|refcursor$|cstring$)'
  OR typnamespace = 'pg_catalog'::regnamespace AND typname IN ('record', 'pg_lsn', '_pg_lsn');

SELECT CASE :'section'
    WHEN 'functions' THEN (SELECT string_agg(name, E'\n' ORDER BY name COLLATE "C") FROM allowed_function)
    WHEN 'types' THEN (SELECT string_agg(name, E'\n' ORDER BY name COLLATE "C") FROM allowed_type)
    WHEN 'all-functions' THEN (SELECT string_agg(DISTINCT name::text, ' ' ORDER BY name::text) FROM function_class)
    WHEN 'callable-functions' THEN (
        -- Those that no statement can call are left out: nothing a client writes has the type internal. TABLESAMPLE names
        -- its methods by their handlers, though.
        SELECT string_agg(DISTINCT proname::text, ' ' ORDER BY proname::text) FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace
          AND (prorettype = 'tsm_handler'::regtype OR 'internal'::regtype <> ALL (proargtypes::oid[])
               AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)))
    WHEN 'types-by-oid' THEN (
        SELECT string_agg(t.oid || ':' || coalesce(e.typname, t.typname), ' ' ORDER BY t.oid)
        FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
        WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype <> 'c' AND coalesce(e.typtype, 'b') <> 'c')
    WHEN 'all-types' THEN (SELECT string_agg(typname::text, ' ' ORDER BY typname::text) FROM pg_type
                           WHERE typnamespace = 'pg_catalog'::regnamespace)
    WHEN 'unary-functions' THEN (
        -- Callable with one argument that an expression can have: what x.f and (expr).f may call.
        SELECT string_agg(DISTINCT proname::text, ' ' ORDER BY proname::text) FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND pronargs >= 1 AND pronargs - pronargdefaults <= 1
          AND proargtypes[0] <> 'internal'::regtype)
    WHEN 'operators' THEN (
        -- Those with no harmless overload are left out: PostgreSQL 15 has none such. Overloads on aclitem and pg_lsn
        -- share their names with harmless ones, and no shipped type list lets a client make such values.
        SELECT string_agg(DISTINCT o.oprname::text, ' ' ORDER BY o.oprname::text)
        FROM pg_operator o JOIN function_class f ON f.oid = o.oprcode
        WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND coalesce(f.class, 'support') IN ('support', 'volatile'))
    WHEN 'classes' THEN (
        SELECT string_agg(line, E'\n' ORDER BY line) FROM (
            SELECT coalesce(class, '(allowed)') || ' ' || count(DISTINCT name) AS line
            FROM function_class GROUP BY class) counted)
END;
