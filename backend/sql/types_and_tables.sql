-- The types, tables and views of PostgresML 2.10, and the schemas they live in. Nothing here fills the tables:
-- training is refused (refusals.sql).

CREATE EXTENSION plpython3u;

CREATE SCHEMA pgml;
-- What the functions of pgml are made of; not part of PostgresML's interface.
CREATE SCHEMA pgml_backend;

CREATE TYPE pgml.task AS ENUM (
    'regression', 'classification', 'decomposition', 'clustering', 'question_answering', 'summarization',
    'translation', 'text_classification', 'text_generation', 'text2text', 'embedding',
    'text_pair_classification', 'conversation'
);

CREATE TYPE pgml.runtime AS ENUM (
    'python', 'rust', 'openai'
);

CREATE TYPE pgml.sampling AS ENUM (
    'random', 'last', 'stratified'
);

CREATE TYPE pgml.search AS ENUM (
    'grid', 'random'
);

CREATE TYPE pgml.strategy AS ENUM (
    'new_score', 'best_score', 'most_recent', 'rollback', 'specific'
);

CREATE TYPE pgml.status AS ENUM (
    'in_progress', 'successful', 'failed'
);

CREATE TYPE pgml.algorithm AS ENUM (
    'linear', 'xgboost', 'xgboost_random_forest', 'svm', 'lasso', 'elastic_net', 'ridge', 'kmeans', 'dbscan',
    'knn', 'random_forest', 'least_angle', 'lasso_least_angle', 'orthogonal_matching_pursuit', 'bayesian_ridge',
    'automatic_relevance_determination', 'stochastic_gradient_descent', 'perceptron', 'passive_aggressive',
    'ransac', 'theil_sen', 'huber', 'quantile', 'kernel_ridge', 'gaussian_process', 'nu_svm', 'ada_boost',
    'bagging', 'extra_trees', 'gradient_boosting_trees', 'hist_gradient_boosting', 'linear_svm', 'lightgbm',
    'transformers', 'affinity_propagation', 'birch', 'feature_agglomeration', 'mini_batch_kmeans', 'mean_shift',
    'optics', 'spectral', 'spectral_bi', 'spectral_co', 'catboost', 'pca'
);

CREATE TABLE pgml.projects (
    id bigserial PRIMARY KEY,
    name text NOT NULL UNIQUE,
    task pgml.task NOT NULL,
    created_at timestamp NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at timestamp NOT NULL DEFAULT pg_catalog.clock_timestamp()
);

CREATE TABLE pgml.snapshots (
    id bigserial PRIMARY KEY,
    relation_name text NOT NULL,
    y_column_name text[],
    test_size real NOT NULL,
    test_sampling pgml.sampling NOT NULL,
    status text NOT NULL,
    columns jsonb,
    analysis jsonb,
    created_at timestamp NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at timestamp NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    materialized boolean DEFAULT false
);

CREATE TABLE pgml.models (
    id bigserial PRIMARY KEY,
    project_id bigint NOT NULL REFERENCES pgml.projects ON DELETE CASCADE,
    snapshot_id bigint REFERENCES pgml.snapshots ON DELETE SET NULL,
    num_features integer NOT NULL,
    algorithm text NOT NULL,
    runtime pgml.runtime DEFAULT 'python',
    hyperparams jsonb NOT NULL,
    status text NOT NULL,
    metrics jsonb,
    search text,
    search_params jsonb NOT NULL,
    search_args jsonb NOT NULL,
    created_at timestamp NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at timestamp NOT NULL DEFAULT pg_catalog.clock_timestamp()
);

CREATE TABLE pgml.deployments (
    id bigserial PRIMARY KEY,
    project_id bigint NOT NULL REFERENCES pgml.projects ON DELETE CASCADE,
    model_id bigint NOT NULL REFERENCES pgml.models ON DELETE CASCADE,
    strategy pgml.strategy NOT NULL,
    created_at timestamp NOT NULL DEFAULT pg_catalog.clock_timestamp()
);

CREATE TABLE pgml.files (
    id bigserial PRIMARY KEY,
    model_id bigint NOT NULL REFERENCES pgml.models ON DELETE CASCADE,
    path text NOT NULL,
    part integer NOT NULL,
    created_at timestamp NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at timestamp NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    data bytea NOT NULL,
    UNIQUE (model_id, path, part)
);

-- A fresh PostgresML lacks this one; a server that was upgraded has it.
CREATE TABLE pgml.logs (
    id serial PRIMARY KEY,
    model_id bigint,
    project_id bigint,
    created_at timestamp DEFAULT pg_catalog.now(),
    logs jsonb
);

CREATE VIEW pgml.overview AS
SELECT
    project.name,
    deployment.created_at AS deployed_at,
    project.task,
    model.algorithm,
    model.runtime,
    snapshot.relation_name,
    snapshot.y_column_name,
    snapshot.test_sampling,
    snapshot.test_size
FROM pgml.deployments AS deployment
JOIN pgml.projects AS project ON project.id = deployment.project_id
JOIN pgml.models AS model ON model.id = deployment.model_id AND model.project_id = project.id
JOIN pgml.snapshots AS snapshot ON snapshot.id = model.snapshot_id
ORDER BY deployment.created_at DESC;

-- The newest deployment of each project, which answers its predictions.
CREATE VIEW pgml_backend.live_deployments AS
SELECT DISTINCT ON (project_id) project_id, model_id, created_at
FROM pgml.deployments
ORDER BY project_id, created_at DESC;

CREATE VIEW pgml.trained_models AS
SELECT
    model.id,
    project.name,
    project.task,
    model.algorithm,
    model.runtime,
    model.created_at,
    snapshot.test_sampling,
    snapshot.test_size,
    live.model_id IS NOT NULL AS deployed
FROM pgml.models AS model
JOIN pgml.projects AS project ON project.id = model.project_id
JOIN pgml.snapshots AS snapshot ON snapshot.id = model.snapshot_id
LEFT JOIN pgml_backend.live_deployments AS live ON live.model_id = model.id
ORDER BY model.created_at DESC;

CREATE VIEW pgml.deployed_models AS
SELECT model.id, project.name, project.task, model.algorithm, model.runtime, live.created_at AS deployed_at
FROM pgml_backend.live_deployments AS live
JOIN pgml.projects AS project ON project.id = live.project_id
JOIN pgml.models AS model ON model.id = live.model_id
ORDER BY project.name;
