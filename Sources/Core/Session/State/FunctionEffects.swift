import SQLInspection

/// What a call of a function may leave in its session, as far as its name tells.
enum FunctionEffects {
    case none
    case pins(PinReasons)
    /// The answer is what this session drew.
    case readsSequences
    /// `set_config`: its arguments tell.
    case setting
    case readsPreparedStatements
    /// A function of somebody's own.
    case anything

    init(of name: QualifiedName) {
        if name.name.hasPrefix("dblink") {
            // Connections of dblink's own live as long as the server process.
            self = .pins(.unknown)
        } else if name.schema == "pgml" {
            self = Self.ofPostgresML[name.name] ?? .anything
        } else if BuiltInFunctions.contains(name) {
            self = Self.ofPostgreSQL[name.name] ?? .none
        } else {
            self = .anything
        }
    }

    /// What `x.name` may do, which is a column more often than a call: only what has a name of its own counts.
    init(ofAttribute name: String) {
        self = Self.ofPostgreSQL[name] ?? .none
    }

    /// PostgreSQL 15's functions that leave something; all others leave nothing. Transaction-level advisory locks are
    /// among those others, as is everything that writes to tables, files or shared memory.
    private static let ofPostgreSQL: [String: FunctionEffects] = table([
        (.setting, "set_config"),
        (.readsPreparedStatements, "pg_prepared_statement"),
        (.pins(.sequences), "nextval setval"),
        (.readsSequences, "currval lastval"),
        (.pins(.randomSeed), "setseed"),
        (
            .pins(.advisoryLocks),
            """
            pg_advisory_lock pg_advisory_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared
            """
        ),
        // SQL that arrives as text, or a query that is not in the text.
        (
            .pins(.unknown),
            """
            query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema
            table_to_xml table_to_xml_and_xmlschema schema_to_xml schema_to_xml_and_xmlschema
            database_to_xml database_to_xml_and_xmlschema ts_stat ts_rewrite
            """
        ),
        // State of the server process that nothing below a new connection takes away.
        (
            .pins(.unknown),
            """
            pg_backup_start pg_backup_stop pg_replication_origin_session_setup pg_replication_origin_session_reset
            pg_replication_origin_xact_setup pg_replication_origin_xact_reset pg_create_physical_replication_slot
            pg_create_logical_replication_slot pg_copy_physical_replication_slot pg_copy_logical_replication_slot
            pg_logical_slot_get_changes pg_logical_slot_get_binary_changes pg_logical_slot_peek_changes
            pg_logical_slot_peek_binary_changes pg_stop_making_pinned_objects
            binary_upgrade_create_empty_extension binary_upgrade_set_missing_value
            binary_upgrade_set_next_array_pg_type_oid binary_upgrade_set_next_heap_pg_class_oid
            binary_upgrade_set_next_heap_relfilenode binary_upgrade_set_next_index_pg_class_oid
            binary_upgrade_set_next_index_relfilenode binary_upgrade_set_next_multirange_array_pg_type_oid
            binary_upgrade_set_next_multirange_pg_type_oid binary_upgrade_set_next_pg_authid_oid
            binary_upgrade_set_next_pg_enum_oid binary_upgrade_set_next_pg_tablespace_oid
            binary_upgrade_set_next_pg_type_oid binary_upgrade_set_next_toast_pg_class_oid
            binary_upgrade_set_next_toast_relfilenode binary_upgrade_set_record_init_privs
            """
        ),
    ])

    /// The names of PostgreSQL's functions that leave something.
    static var namesOfPostgreSQL: some Collection<String> { ofPostgreSQL.keys }

    /// PostgresML 2.10's functions. Those that are not here are not PostgresML's, or run SQL that they put together from
    /// their arguments: dump_all, load_all, load_dataset, train, train_joint, tune, snapshot, auto_updated_at.
    private static let ofPostgresML: [String: FunctionEffects] = table([
        // Python code of somebody's own runs in the server process, which keeps what it changes there.
        (.pins(.unknown), "activate_venv python_package_version"),
        // Loaded models stay too: they are caches, the same for everybody.
        (
            .none,
            """
            transform transform_stream embed generate rank chunk decompose deploy predict predict_batch predict_joint
            predict_proba python_pip_freeze clear_gpu_cache python_version validate_python_dependencies
            validate_shared_library set_updated_at sklearn_classification_metrics sklearn_f1_score sklearn_r2_score
            sklearn_regression_metrics version xgboost_version add subtract multiply divide norm_l0 norm_l1 norm_l2
            norm_max normalize_l1 normalize_l2 normalize_max distance_l1 distance_l2 dot_product cosine_similarity
            sum max_abs max min_abs min
            """
        ),
    ])

    private static func table(_ rows: [(FunctionEffects, String)]) -> [String: FunctionEffects] {
        var table: [String: FunctionEffects] = [:]
        for (effects, names) in rows {
            for name in names.split(whereSeparator: \.isWhitespace) { table[String(name)] = effects }
        }
        return table
    }
}
