-- The functions of PostgresML 2.10 that this backend cannot do: all are here, under their own signatures, and refuse
-- by name. A client that calls one learns why; a policy that names one is tested against something that exists.

-- The one place that says no. It returns text only so that SQL functions can select it.
CREATE FUNCTION pgml_backend.refuse(function_name text, missing text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RAISE EXCEPTION 'pgml.% is not supported by the embedded backend', function_name
        USING ERRCODE = 'feature_not_supported', HINT = CASE missing
            WHEN 'training' THEN 'It trains and keeps no models. '
            WHEN 'language model' THEN 'It has no model that can do this, only one for embeddings. '
            WHEN 'data sets' THEN 'It carries no data sets. '
            WHEN 'python' THEN 'It runs and describes no Python environment for its clients. '
            WHEN 'files' THEN 'It reads and writes no server files for its clients. '
            WHEN 'library' THEN 'It is made of SQL and PL/Python, not of a shared library. '
            WHEN 'gpu' THEN 'It uses no GPU. '
        END || 'Set DATABASE_URL to a server with PostgresML.';
END
$$;

-- plpgsql refuses an argument and a result column of the same name, so functions that have such are in SQL.

CREATE FUNCTION pgml.activate_venv(venv text)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('activate_venv', 'python'); END$$;

CREATE FUNCTION pgml.validate_python_dependencies()
    RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('validate_python_dependencies', 'python'); END$$;

CREATE FUNCTION pgml.python_package_version(name text)
    RETURNS text
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('python_package_version', 'python'); END$$;

CREATE FUNCTION pgml.python_pip_freeze()
    RETURNS TABLE(package text)
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('python_pip_freeze', 'python'); END$$;

CREATE FUNCTION pgml.python_version()
    RETURNS text
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('python_version', 'python'); END$$;

CREATE FUNCTION pgml.validate_shared_library()
    RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('validate_shared_library', 'library'); END$$;

CREATE FUNCTION pgml.train(
    project_name text,
    task text DEFAULT NULL,
    relation_name text DEFAULT NULL,
    y_column_name text DEFAULT NULL,
    algorithm pgml.algorithm DEFAULT 'linear',
    hyperparams jsonb DEFAULT '{}',
    search pgml.search DEFAULT NULL,
    search_params jsonb DEFAULT '{}',
    search_args jsonb DEFAULT '{}',
    test_size real DEFAULT 0.25,
    test_sampling pgml.sampling DEFAULT 'stratified',
    runtime pgml.runtime DEFAULT NULL,
    automatic_deploy boolean DEFAULT true,
    materialize_snapshot boolean DEFAULT false,
    preprocess jsonb DEFAULT '{}'
)
    RETURNS TABLE(project text, task text, algorithm text, deployed boolean)
    LANGUAGE sql VOLATILE
AS $$SELECT pgml_backend.refuse('train', 'training'), NULL::text, NULL::text, NULL::boolean$$;

CREATE FUNCTION pgml.train_joint(
    project_name text,
    task text DEFAULT NULL,
    relation_name text DEFAULT NULL,
    y_column_name text[] DEFAULT NULL,
    algorithm pgml.algorithm DEFAULT 'linear',
    hyperparams jsonb DEFAULT '{}',
    search pgml.search DEFAULT NULL,
    search_params jsonb DEFAULT '{}',
    search_args jsonb DEFAULT '{}',
    test_size real DEFAULT 0.25,
    test_sampling pgml.sampling DEFAULT 'stratified',
    runtime pgml.runtime DEFAULT NULL,
    automatic_deploy boolean DEFAULT true,
    materialize_snapshot boolean DEFAULT false,
    preprocess jsonb DEFAULT '{}'
)
    RETURNS TABLE(project text, task text, algorithm text, deployed boolean)
    LANGUAGE sql VOLATILE
AS $$SELECT pgml_backend.refuse('train_joint', 'training'), NULL::text, NULL::text, NULL::boolean$$;

CREATE FUNCTION pgml.deploy(model_id bigint)
    RETURNS TABLE(project text, strategy text, algorithm text)
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('deploy', 'training'); END$$;

CREATE FUNCTION pgml.deploy(project_name text, strategy pgml.strategy, algorithm pgml.algorithm DEFAULT NULL)
    RETURNS TABLE(project text, strategy text, algorithm text)
    LANGUAGE sql VOLATILE
AS $$SELECT pgml_backend.refuse('deploy', 'training'), NULL::text, NULL::text$$;

CREATE FUNCTION pgml.predict(project_name text, features real[])
    RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict', 'training'); END$$;

CREATE FUNCTION pgml.predict(project_name text, features double precision[])
    RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict', 'training'); END$$;

CREATE FUNCTION pgml.predict(project_name text, features smallint[])
    RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict', 'training'); END$$;

CREATE FUNCTION pgml.predict(project_name text, features integer[])
    RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict', 'training'); END$$;

CREATE FUNCTION pgml.predict(project_name text, features bigint[])
    RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict', 'training'); END$$;

CREATE FUNCTION pgml.predict(project_name text, features boolean[])
    RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict', 'training'); END$$;

CREATE FUNCTION pgml.predict_proba(project_name text, features real[])
    RETURNS real[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict_proba', 'training'); END$$;

CREATE FUNCTION pgml.predict_joint(project_name text, features real[])
    RETURNS real[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict_joint', 'training'); END$$;

CREATE FUNCTION pgml.predict_batch(project_name text, features real[])
    RETURNS SETOF real
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict_batch', 'training'); END$$;

CREATE FUNCTION pgml.decompose(project_name text, vector real[])
    RETURNS real[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('decompose', 'training'); END$$;

CREATE FUNCTION pgml.predict(project_name text, "row" anyelement)
    RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict', 'training'); END$$;

CREATE FUNCTION pgml.predict(model_id bigint, features real[])
    RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict', 'training'); END$$;

CREATE FUNCTION pgml.predict_proba(model_id bigint, features real[])
    RETURNS real[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict_proba', 'training'); END$$;

CREATE FUNCTION pgml.predict_joint(model_id bigint, features real[])
    RETURNS real[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict_joint', 'training'); END$$;

CREATE FUNCTION pgml.predict_batch(model_id bigint, features real[])
    RETURNS real[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict_batch', 'training'); END$$;

CREATE FUNCTION pgml.predict(model_id bigint, "row" anyelement)
    RETURNS real
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('predict', 'training'); END$$;

CREATE FUNCTION pgml.snapshot(
    relation_name text,
    y_column_name text,
    test_size real DEFAULT 0.25,
    test_sampling pgml.sampling DEFAULT 'stratified',
    preprocess jsonb DEFAULT '{}'
)
    RETURNS TABLE(relation text, y_column_name text)
    LANGUAGE sql VOLATILE STRICT
AS $$SELECT pgml_backend.refuse('snapshot', 'training'), NULL::text$$;

CREATE FUNCTION pgml.load_dataset(
    source text,
    subset text DEFAULT NULL,
    "limit" bigint DEFAULT NULL,
    kwargs jsonb DEFAULT '{}'
)
    RETURNS TABLE(table_name text, rows bigint)
    LANGUAGE plpgsql VOLATILE
AS $$BEGIN PERFORM pgml_backend.refuse('load_dataset', 'data sets'); END$$;

CREATE FUNCTION pgml.rank(transformer text, query text, documents text[], kwargs jsonb DEFAULT '{}')
    RETURNS TABLE(corpus_id bigint, score double precision, text text)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('rank', 'language model'); END$$;

CREATE FUNCTION pgml.clear_gpu_cache(memory_usage real DEFAULT NULL)
    RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('clear_gpu_cache', 'gpu'); END$$;

CREATE FUNCTION pgml.generate(project_name text, inputs text, config jsonb DEFAULT '{}')
    RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('generate', 'language model'); END$$;

CREATE FUNCTION pgml.generate(project_name text, inputs text[], config jsonb DEFAULT '{}')
    RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$BEGIN PERFORM pgml_backend.refuse('generate', 'language model'); END$$;

CREATE FUNCTION pgml.tune(
    project_name text,
    task text DEFAULT NULL,
    relation_name text DEFAULT NULL,
    _y_column_name text DEFAULT NULL,
    model_name text DEFAULT NULL,
    hyperparams jsonb DEFAULT '{}',
    test_size real DEFAULT 0.25,
    test_sampling pgml.sampling DEFAULT 'stratified',
    automatic_deploy boolean DEFAULT true,
    materialize_snapshot boolean DEFAULT false
)
    RETURNS TABLE(status text, task text, algorithm text, deployed boolean)
    LANGUAGE sql VOLATILE PARALLEL SAFE
AS $$SELECT pgml_backend.refuse('tune', 'language model'), NULL::text, NULL::text, NULL::boolean$$;

CREATE FUNCTION pgml.sklearn_f1_score(ground_truth real[], y_hat real[])
    RETURNS real
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('sklearn_f1_score', 'training'); END$$;

CREATE FUNCTION pgml.sklearn_r2_score(ground_truth real[], y_hat real[])
    RETURNS real
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('sklearn_r2_score', 'training'); END$$;

CREATE FUNCTION pgml.sklearn_regression_metrics(ground_truth real[], y_hat real[])
    RETURNS jsonb
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('sklearn_regression_metrics', 'training'); END$$;

CREATE FUNCTION pgml.sklearn_classification_metrics(ground_truth real[], y_hat real[], num_classes bigint)
    RETURNS jsonb
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('sklearn_classification_metrics', 'training'); END$$;

CREATE FUNCTION pgml.dump_all(path text)
    RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('dump_all', 'files'); END$$;

CREATE FUNCTION pgml.load_all(path text)
    RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('load_all', 'files'); END$$;

CREATE FUNCTION pgml.xgboost_version()
    RETURNS text
    LANGUAGE plpgsql VOLATILE STRICT
AS $$BEGIN PERFORM pgml_backend.refuse('xgboost_version', 'python'); END$$;

CREATE FUNCTION pgml.auto_updated_at(tbl regclass)
    RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$BEGIN PERFORM pgml_backend.refuse('auto_updated_at', 'training'); END$$;

CREATE FUNCTION pgml.set_updated_at()
    RETURNS trigger
    LANGUAGE plpgsql VOLATILE
AS $$BEGIN PERFORM pgml_backend.refuse('set_updated_at', 'training'); END$$;
