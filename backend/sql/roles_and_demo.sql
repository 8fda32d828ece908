-- The application's role, and something for foreign tables to point at.

-- An ordinary client: no superuser, and, as PostgreSQL 15 has it, no CREATE on any schema.
CREATE ROLE pg LOGIN PASSWORD 'ml';
GRANT USAGE ON SCHEMA pgml, pgml_backend TO pg;
GRANT SELECT ON pgml.overview, pgml.trained_models, pgml.deployed_models TO pg;

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO pg;

CREATE TABLE app.inbox (
    id integer PRIMARY KEY,
    body text,
    embedding real[]
);

INSERT INTO app.inbox (id, body) VALUES
    (1, 'That is a happy person'),
    (2, 'That is a happy dog'),
    (3, 'That is a very happy person'),
    (4, 'Today is a sunny day');

-- What postgres_fdw sees as a foreign table whose every row is embedded when it is read.
CREATE VIEW app.inbox_embedded AS
SELECT id, body, pgml.embed('sentence-transformers/all-MiniLM-L6-v2', body) AS embedding
FROM app.inbox;

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON app.inbox TO pg;
GRANT SELECT ON app.inbox_embedded TO pg;
